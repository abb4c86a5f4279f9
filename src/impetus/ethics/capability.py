"""What a name says a system can do: identifiers in English, Norwegian and Italian, plain or disguised, read into facts.

How it works: a text is unfolded (accents, look-alike letters, digits for letters, base64, hexadecimal, rotation by 13, spelled
backwards), split into words, and each word, pair of words and beginning of a long word is looked up in `LEXICON`. What comes
out is a set of facts for the rules in `prohibited`.

What it does not do: read prose. Sentences say what a system does not do as often as what it does ("no faces are kept"), so
only identifiers, names of models, labels and values of settings are read. It cannot know a name nobody ever used for the
thing; the checks on actual outputs stand behind it.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise


class Fact(StrEnum):
    """One thing a configuration takes in, does, gives, or where and upon whom."""

    VIDEO = "video"
    AUDIO = "audio"
    SPEECH = "speech"
    POSTS = "posts"
    BIOSIGNAL = "biosignal"
    NETWORK = "network"
    RECORDS = "records"
    FACE = "face"
    GAIT = "gait"
    VOICE = "voice"
    BODY = "body"
    EMBED = "embed"
    MATCH = "match"
    WATCHLIST = "watchlist"
    IDENTIFY = "identify"
    ACROSS = "across"
    PERSON_ID = "person_id"
    TRACK = "track"
    PERSON = "person"
    EMOTION = "emotion"
    AFFECT = "affect"
    SENSITIVE = "sensitive"
    CLASSIFY = "classify"
    SCORE = "score"
    TRUST = "trust"
    PREDICT = "predict"
    CRIME = "crime"
    SCRAPE = "scrape"
    PICTURES = "pictures"
    CROP = "crop"
    TRANSCRIBE = "transcribe"
    PLATE = "plate"
    DEVICE = "device"
    AUTHOR = "author"
    PROFILE = "profile"
    MANIPULATE = "manipulate"
    VULNERABLE = "vulnerable"
    INTENTION = "intention"
    WORKER = "worker"
    PERFORMANCE = "performance"
    RAW = "raw"
    SUPERVISOR = "supervisor"
    PUBLIC = "public"
    WORK = "work"
    SCHOOL = "school"
    CELL = "cell"


_F = Fact
_WORDS: Mapping[Fact, str] = {
    _F.VIDEO: """video camera cameras cctv frames footage rtsp onvif image images kamera kameraer bilde bilder film
        telecamera telecamere immagine immagini videosorveglianza overvåkingskamera overvaakingskamera""",
    _F.AUDIO: "audio microphone microphones mic sound mikrofon lyd microfono suono",
    _F.SPEECH: "speech spoken conversation conversations dialogue utterance utterances tale samtale samtaler parlato "
    "conversazione conversazioni discorso",
    _F.POSTS: "posts post tweets socialmedia timeline innlegg sosialemedier messaggi socialnetwork",
    _F.BIOSIGNAL: "biosignal biosignals ecg ekg eeg eda gsr hrv heartrate heartbeat galvanic pupil puls hjertefrekvens "
    "frequenzacardiaca battito",
    _F.NETWORK: "network netflow packets syslog logs indicator indicators ioc iocs stix firewall nettverk rete",
    _F.RECORDS: "criminalrecord criminalrecords policerecord policerecords strafferegister casellario taxrecord benefits "
    "welfare trygd sussidi",
    _F.FACE: "face faces facial faceid faceprint ansikt ansikter volto volti viso visi facciale fisionomia iris retina "
    "periocular",
    _F.GAIT: "gait gaits ganglag gangart andatura",
    _F.VOICE: "voiceprint voiceprints speakerid speakeridentification diarization diarisation stemmeavtrykk "
    "improntavocale parlante ecapa xvector dvector",
    _F.BODY: "silhouette bodyshape reidentification appearance clothing garment klær klaer abbigliamento",
    _F.EMBED: "embedding embeddings embed faceprint featurevector reidvector arcface facenet deepface cosface insightface "
    "sface adaface buffalo osnet torchreid fastreid transreid ecapa xvector gaitset gaitgl opengait "
    "biometrictemplate biometric biometrics biometri biometrisk biometrico biometrica biometria",
    _F.MATCH: "match matcher matching lookup compare search gallery enrol enroll enrolled sammenlign oppslag søk confronto "
    "confronta ricerca corrispondenza treff",
    _F.WATCHLIST: "watchlist watchlists blacklist blocklist hotlist denylist wantedlist wanted banlist svarteliste "
    "ettersøkt ettersokt etterlyst overvåkningsliste listanera ricercati segnalati stadiumban personsofinterest",
    _F.IDENTIFY: "facerecognition facerec frt whois personidentification ansiktsgjenkjenning ansiktsgjenkjennelse "
    "gjenkjennperson riconoscimentofacciale riconoscimentovolti identifyperson identifypersons identification "
    "unmasking deanonymise deanonymize deanonymisation",
    _F.ACROSS: "crosscamera multicamera mtmc mtmct intercamera handover crossview acrosscameras tverrkamera mellomkameraer "
    "multicamerareid reid reidentify reidentification pedestrianreid tracciaturamulticamera fracamere",
    _F.PERSON_ID: "personid personids trackid trackids subjectid individualid visitorid passengerid pedestrianid personuid "
    "identityid fodselsnummer fødselsnummer personnummer codicefiscale userid persona persone_id idpersona tracciaid "
    "personnøkkel tracklet tracklets",
    _F.TRACK: "tracker tracking bytetrack deepsort botsort sporing tracciamento",
    _F.PERSON: "person persons individual individuals citizen citizens resident residents suspect suspects employee "
    "passenger pedestrian enkeltperson innbygger borger mistenkt cittadino cittadini individuo sospetto household",
    _F.EMOTION: "emotion emotions emotional mood moods affect affective affectnet sentiment anger angry fear fearful "
    "happiness sadness frustration fer ferplus emonet følelse følelser folelse folelser humør humor sinnsstemning "
    "sinne emozione emozioni emotivo emotiva umore rabbia paura stressdetection facialexpression expressions "
    "microexpression microexpressions ansiktsuttrykk engagement attentiveness boredom",
    _F.AFFECT: "valence arousal valens tristhet eccitazione valenza prosody prosodi prosodia voicetone toneofvoice smile "
    "smiles frown",
    _F.SENSITIVE: "ethnicity ethnic ethnicities race racial religion religious hijab skin skintone sexuality sexual "
    "orientation politicalopinion political politics union unionmember unionmembership belief faith disability etnisitet "
    "etnisk rase hudfarge legning politisk fagforening fagforeningsmedlem tro etnia etnico razza religione "
    "orientamentosessuale opinionepolitica sindacato nationality nasjonalitet nazionalita migrant",
    _F.CLASSIFY: "classify classifier categorise categorize category categorisation kategoriser klassifiser classifica "
    "categorizza infer",
    _F.SCORE: "score scores scoring rank ranking rating ratings poeng poengsum karakter punteggio classifica graduatoria "
    "index credit points",
    _F.TRUST: "socialscore socialscoring socialcredit trustworthiness trustscore reliabilityscore citizenscore goodcitizen "
    "civicscore tillitspoeng samfunnspoeng borgerpoeng sosialpoeng creditosociale punteggiosociale affidabilita "
    "behaviourscore behaviorscore",
    _F.PREDICT: "predict prediction predictive forecast likelihood propensity forutsi prediksjon previsione prevedere "
    "propensione risk riskscore risiko rischio",
    _F.CRIME: "crime crimes criminal criminality offend offender offenders reoffend recidivism recidivist delinquency "
    "felony kriminalitet kriminell lovbrudd lovbryter gjerningsmann crimine criminale reato reati recidiva delinquente",
    _F.SCRAPE: "scrape scraper scraping crawl crawler crawling harvest harvester skrap skraping høst raccolta webscraping",
    _F.PICTURES: "photo photos profilepicture profilepictures profilephoto portrait portraits selfie selfies foto "
    "fotografi portrett profilbilde ritratto mugshot mugshots",
    _F.CROP: "facecrop facecrops facechip headcrop facethumbnail facethumb facesnapshot aligned112 mugshot "
    "ansiktsutsnitt ritagliovolto",
    _F.TRANSCRIBE: "transcribe transcript transcripts transcription transcriber speechtotext stt asr whisper wav2vec "
    "wav2vec2 vosk keywordspotting wiretap eavesdrop transkriber transkripsjon avlytting trascrizione trascrivi "
    "intercettazione",
    _F.PLATE: "plate plates numberplate licenceplate licenseplate anpr alpr lpr skiltgjenkjenning bilskilt nummerskilt "
    "regnummer targa targhe",
    _F.DEVICE: "mac macaddress bssid imsi imei msisdn tmsi supi idfa gaid wifiprobe proberequest bluetoothaddress "
    "advertisingid stingray imsicatcher",
    _F.AUTHOR: "author authors username usernames handle handles account accounts follower followers forfatter bruker "
    "brukernavn autore utente utenti poster",
    _F.PROFILE: "profile profiling profiler dossier dossiers personprofile profilering profil profilo profilazione "
    "schedatura personality ocean bigfive psychographic",
    _F.MANIPULATE: "subliminal manipulate manipulation nudge darkpattern deceive manipuler manipulering manipolazione "
    "manipola persuade coerce",
    _F.VULNERABLE: "vulnerable vulnerability_of exploitage exploitchildren minors dementia elderly sårbar sarbar barn "
    "minori anziani debtors addicts gamblers",
    _F.INTENTION: "intention intent intents malintent hensikt intenzione suspicion suspicious suspiciousness deception "
    "liedetector lie polygraph truthfulness løgn menzogna mistenkelig",
    _F.WORKER: "worker workers employee employees staff operator operators ansatt ansatte medarbeider arbeidstaker "
    "operatør lavoratore lavoratori dipendente dipendenti driver drivers",
    _F.PERFORMANCE: "performance productivity efficiency idle idletime breaks bathroom slowness keystrokes prestasjon "
    "produktivitet effektivitet rendimento produttivita pause",
    _F.RAW: "raw rawsignal waveform rr rrinterval råsignal rasignal grezzo",
    _F.SUPERVISOR: "supervisor manager management employer leder arbeidsgiver supervisore responsabile datoredilavoro hr",
    _F.PUBLIC: "public publicspace street square plaza station metro park stadium torg gate gata stasjon offentlig piazza "
    "strada stazione pubblico crowd",
    _F.WORK: "work workplace office factory warehouse depot controlroom arbeidsplass kontor fabrikk lager "
    "kontrollrom lavoro ufficio fabbrica magazzino",
    _F.SCHOOL: "school schools classroom university kindergarten exam pupils student students skole klasserom barnehage "
    "eksamen elev elever scuola aula universita studenti asilo esame",
    _F.CELL: "cell cells group groups gruppe cella gruppo percell",
}
LEXICON: Mapping[str, frozenset[Fact]] = {
    word: frozenset(fact for fact, text in _WORDS.items() if word in text.split())
    for words in _WORDS.values()
    for word in words.split()
}
"""Word and the facts it stands for."""
BEGINNINGS: Mapping[str, Fact] = {
    "ansikts": _F.FACE,
    "facerec": _F.IDENTIFY,
    "facial": _F.FACE,
    "biometr": _F.EMBED,
    "emotion": _F.EMOTION,
    "emozion": _F.EMOTION,
    "følelses": _F.EMOTION,
    "folelses": _F.EMOTION,
    "affectiv": _F.EMOTION,
    "etnisi": _F.SENSITIVE,
    "ethnic": _F.SENSITIVE,
    "recidiv": _F.CRIME,
    "kriminal": _F.CRIME,
    "criminal": _F.CRIME,
    "riconosciment": _F.IDENTIFY,
    "gjenkjenn": _F.IDENTIFY,
    "transkri": _F.TRANSCRIBE,
    "transcri": _F.TRANSCRIBE,
    "trascri": _F.TRANSCRIBE,
    "skiltgjenkj": _F.PLATE,
    "nummerskilt": _F.PLATE,
    "profiler": _F.PROFILE,
    "profilaz": _F.PROFILE,
    "manipul": _F.MANIPULATE,
    "manipol": _F.MANIPULATE,
    "subliminal": _F.MANIPULATE,
}
"""Beginnings of long words, for languages that join words and bend their ends."""
INNOCENT = frozenset(
    {
        "plate count",
        "plate temperature",
        "cover plate",
        "plate heat",
        "rock face",
        "face of",
        "surface temperature",
        "trade union",
        "european union",
        "crime scene",
        "public address",
        "public safety",
        "public task",
        "car park",
        "work order",
        "race condition",
        "race track",
        "noise index",
        "water intake",
        "object detector",
        "group size",
        "smoke detector",
        "sound level",
        "object classifier",
        "air quality",
        "quality index",
    }
)
"""Pairs of words of which one alone would mean something about persons and both together do not."""
LONG = 7
"""Letters from which a word is long enough to be told backwards or rotated from chance. House rule."""
DEEPEST = 3
MOST_FORMS = 64
"""Disguises worn one over the other, and forms looked at in each layer. House rule: more is a program, not a name."""
_SPLIT = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-zæøåàèéìòù])(?=[A-ZÆØÅ])|(?<=[A-Z])(?=[A-Z][a-z])")
_LEET = str.maketrans("0134578@$!", "oieastbasi")
_LOOKALIKES = str.maketrans("аеорсухіѕјԁһӏοαεικνρτυχ", "aeopcyxisjdhloaeiknptux")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){4,}")


def facts_of(texts: Iterable[str]) -> frozenset[Fact]:
    """Return what these identifiers say together.

    >>> sorted(fact.value for fact in facts_of(["faceEmbedding_v2"]))
    ['embed', 'face']
    >>> facts_of(["surface_temperature"])
    frozenset()
    """
    return frozenset(fact for text in texts for fact in _facts_of(text))


@lru_cache(maxsize=4096)
def _facts_of(text: str) -> frozenset[Fact]:
    return frozenset(fact for plain in unfold(text[:400]) for fact in _read(plain))


def unfold(text: str) -> Iterator[str]:
    """Yield the text as it stands and in every disguise it may wear, one over the other up to `DEEPEST`."""
    known = [unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)]
    layer = known
    for _ in range(DEEPEST):
        layer = [form for each in layer for form in _uncovered(each) if form not in known][:MOST_FORMS]
        known = [*known, *dict.fromkeys(layer)]
    yield from known


def _uncovered(plain: str) -> Iterator[str]:
    """Yield what one disguise may hide."""
    if any(letter.isdigit() or letter in "@$!" for letter in plain):
        yield plain.lower().translate(_LEET)
    for encoded in (*_BASE64.findall(plain), *_HEX.findall(plain)):
        yield from _decoded(encoded)
    for word in _SPLIT.findall(plain.lower()):
        if len(word) >= LONG:
            yield word[::-1]
            yield codecs.encode(word, "rot13")


def _decoded(encoded: str) -> Iterator[str]:
    """Yield what a text decodes to, when that is text."""
    for decode in (_from_base64, bytes.fromhex):
        try:
            plain = decode(encoded).decode("ascii")
        except (ValueError, binascii.Error):
            continue
        if plain.isprintable():
            yield plain


def _from_base64(encoded: str) -> bytes:
    padded = encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4)
    return base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)


def _read(text: str) -> Iterator[Fact]:
    """Yield the facts of a plain text: its words, pairs and threes of words, and beginnings of long words."""
    words = [word.lower() for word in _SPLIT.findall(_CAMEL.sub(" ", text))]
    first = [at for at, pair in enumerate(pairwise(words)) if " ".join(pair) in INNOCENT]
    kept = [word for at, word in enumerate(words) if at not in first and at - 1 not in first]
    joined = [*("".join(pair) for pair in pairwise(kept)), *("".join(kept[at : at + 3]) for at in range(len(kept) - 2))]
    for word in (*kept, *joined):
        yield from LEXICON.get(word, LEXICON.get(_bare(word), frozenset()))
    for word in kept:
        for beginning, fact in BEGINNINGS.items():
            if word.startswith(beginning):
                yield fact


def _bare(word: str) -> str:
    """Return the word without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
