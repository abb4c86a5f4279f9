"""Words around names: titles before them, particles inside them, and words that look like names and are not.

House lists for English, Norwegian and Italian, made for the square before a city hall; `docs/reference/masking.md` says what
they miss.
"""

_TITLES = (
    "mr mrs ms miss dr prof sir herr hr fru frk frøken sig signor signora signorina sigra dott dottor dottore dottoressa "
    "dottssa avv ing ssa ra don donna frau madame monsieur officer sergeant constable inspector captain agent overbetjent "
    "politibetjent lensmann ordfører sjåfør agente ispettore maresciallo brigadiere sindaco assessore"
)
TITLES = frozenset(_TITLES.split())
"""What stands before a name; a capitalised word behind it is one."""
_PARTICLES = "de di da del della dei degli lo la le van von der den af av of bin ibn al el ben e dos du"
PARTICLES = frozenset(_PARTICLES.split())
"""Small words inside names: `Leonardo da Vinci`."""
_COMMON = (
    "may will mark rose april june august summer hope faith grace joy star dawn art bill rob chase hall may or an in on my "
    "we he she they are a the and but for with at no not now who when where why how police crowd square city camera street "
    "odd even liv bo sol dag per mars else ask stein bjørn ulv sten storm vår alt vi de den det du han hun er har kan skal "
    "og men nå her der hva hvem når hvor politi plass torg by kamera gate mange folk ingen alle noen min din sin en et ei "
    "che per con una uno gli del alla dal nel sono era fra tra gioia luce sole mare piazza via rosa viola bianco grande "
    "santo santa pace vita fede domenica italia roma oslo padova milano norge norway italy venezia london paris berlin "
    "bergen torino trento verona europa impetus nord sud est ovest sør øst vest north south east west hotel bus tram metro "
    "monday tuesday friday sunday mandag onsdag fredag lunedì martedì venerdì maggio aprile giugno agosto januar mai juni "
    "man woman boy girl mann kvinne gutt jente uomo donna ragazzo ragazza group gruppe gruppo team unit vakt guardia chief "
    "sjef capo king queen konge dronning re regina prince pope papa saint church kirke chiesa palace slott castello hill "
    "park parco porto harbour havn quay kai bridge bro ponte station stasjon stazione school skole scuola market"
)
COMMON = frozenset(_COMMON.split())
"""Words that some list has as a name; alone at the beginning of a sentence, or in small letters, they are words."""
_NEVER = (
    "oslo roma padova milano norge norway italy italia venezia london paris berlin bergen torino trento verona europa "
    "impetus nord sud est ovest north south east west the and police politi polizia monday friday mandag fredag lunedì "
    "i you we it this that there then they he she her his"
)
NEVER = frozenset(_NEVER.split())
"""Words that are never part of a name, wherever they stand: cities, days, points of the compass, pronouns."""
_MONTHS = (
    "january february march april may june july august september october november december januar februar mars mai juni juli "
    "oktober desember gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
)
MONTHS = frozenset(_MONTHS.split())
"""Months; beside a number they are dates and not names."""
