"""The guard's own sentences, marked for the catalogues; a test compares them with the guard."""

from impetus.web.names import N_

BECAUSE = (
    N_("works on alerts and incidents, around the clock"),
    N_("does an operator's work, answers for it, and is the second person of two"),
    N_("works on alerts about the city's systems"),
    N_("investigates and tells; operators act"),
    N_("plans events against what is going on"),
    N_("takes the decisions only an executive may take, and needs no sensor series for it"),
    N_("answers for the register, sees who looked and can stop anything; sees no content and judges no alert"),
    N_("sees what was done and changes nothing"),
    N_("connects the city's sensors and needs to see what becomes of their readings, not the alerts"),
    N_("keeps the platform and its accounts; judging alerts is for those on duty"),
    N_("senses, raises and cleans up by itself; judging, deciding and admitting people is for people"),
    N_("a service token may do only what is written on it"),
)
"""Why each role may what it may."""
SAYS = (
    N_("What is about nobody is open to whom the role matrix gives it, for the purposes of the operation."),
    N_("Operators and supervisors watch masked images to keep the public safe."),
    N_("Operators and supervisors read masked texts that are evidence of an alert or an incident."),
    N_("Analysts read masked texts and pseudonyms within a case."),
    N_("Operators and supervisors open what was masked once another person approved it, for an open incident."),
    N_("The city's security staff read addresses, handles and masked texts to defend its systems."),
    N_("Supervisors read addresses and handles within a case."),
    N_("Those on duty see pseudonyms within an incident, and ask about them there."),
    N_("Those on duty learn whom a pseudonym stands for once another person approved it, for an open incident."),
    N_("In an exercise those on duty see the masked views of simulated people."),
    N_("In an exercise those on duty practise a reveal on simulated people, with a case as in earnest."),
    N_("In an exercise those on duty practise asking for a simulated person's name, with a case as in earnest."),
    N_("The data protection officer and the auditor see who of the staff did what."),
    N_("Administrators see the accounts they keep."),
    N_("Those who work on an incident see which colleague did what to it."),
    N_("The second person sees who asked."),
    N_("The platform writes into its log who did what, and erases it when its time is over."),
    N_("Whoever wears a sensor sees their own signal, for their own safety at work."),
)
"""What each permitting rule says."""
