"""The provider's sentences in Dutch and German: key → (Dutch, German)."""

FURTHER: dict[str, tuple[str, str]] = {
    "service": ("Identiteitsdienst van de demonstratie", "Identitätsdienst der Demonstration"),
    "banner": (
        "Demonstratie. Iedereen hier is verzonnen, er is geen wachtwoord, niets is officieel.",
        "Demonstration. Alle hier sind erfunden, es gibt kein Passwort, nichts ist amtlich.",
    ),
    "skip": ("Naar de hoofdinhoud", "Zum Hauptinhalt springen"),
    "language": ("Taal", "Sprache"),
    "choose_citizen": ("Wie bent u vandaag?", "Wer sind Sie heute?"),
    "choose_staff": ("Welke medewerker bent u?", "Wer vom Personal sind Sie?"),
    "for": ("U meldt zich aan bij:", "Sie melden sich an bei:"),
    "explain_citizen": (
        "In werkelijkheid zou u bij een overheidsdienst bewijzen wie u bent. Hier kiest u.",
        "In Wirklichkeit würden Sie sich bei einem amtlichen Dienst ausweisen. Hier wählen Sie.",
    ),
    "explain_staff": (
        "In werkelijkheid zou u zich met uw account van het parlement aanmelden. Hier kiest u.",
        "In Wirklichkeit würden Sie sich mit dem Konto des Parlaments anmelden. Hier wählen Sie.",
    ),
    "anonymous": (
        (
            "U gaat anoniem verder: er worden geen persoonsgegevens verstuurd, alleen een code die "
            "op deze site, en op geen andere, voor u staat."
        ),
        (
            "Sie fahren anonym fort: Es werden keine persönlichen Daten gesendet, nur ein Code, der "
            "auf dieser Website, und auf keiner anderen, für Sie steht."
        ),
    ),
    "will_send": (
        "Deze gegevens worden verstuurd, en niets anders:",
        "Diese Angaben werden gesendet und sonst nichts:",
    ),
    "claim_sub": (
        "een code die op deze site, en op geen andere, voor u staat",
        "ein Code, der auf dieser Website, und auf keiner anderen, für Sie steht",
    ),
    "claim_given_name": ("voornaam", "Vorname"),
    "claim_family_name": ("achternaam", "Nachname"),
    "claim_birthdate": ("geboortedatum", "Geburtsdatum"),
    "claim_residence": ("woonplaats", "Wohnort"),
    "claim_nationality": ("nationaliteit", "Staatsangehörigkeit"),
    "claim_name": ("naam", "Name"),
    "claim_amr": ("hoe u zich hebt aangemeld", "Art der Anmeldung"),
    "claim_groups": ("groepen in de adreslijst", "Gruppen im Verzeichnis"),
    "age": ("{} jaar", "{} Jahre"),
    "people": ("Verzonnen burgers", "Erfundene Bürgerinnen und Bürger"),
    "staff": ("Verzonnen medewerkers", "Erfundenes Personal"),
    "anybody": ("Of iemand anders", "Oder jemand anderes"),
    "anybody_hint": (
        "Typ een naam. Dezelfde naam is altijd dezelfde persoon: een tweede handtekening valt op.",
        (
            "Geben Sie einen Namen ein. Derselbe Name ist immer dieselbe Person: Eine zweite "
            "Unterschrift fällt auf."
        ),
    ),
    "name": ("Naam", "Name"),
    "age_label": ("Leeftijd", "Alter"),
    "place": ("Woonplaats", "Wohnort"),
    "continue": ("Doorgaan als deze persoon", "Als diese Person fortfahren"),
    "cancel": ("Annuleren en teruggaan", "Abbrechen und zurückgehen"),
    "error": ("Er is een probleem", "Es gibt ein Problem"),
    "error_name": (
        "Typ een naam van 1 tot 80 letters.",
        "Geben Sie einen Namen von 1 bis 80 Buchstaben ein.",
    ),
    "error_age": ("Kies een leeftijd uit de lijst.", "Wählen Sie ein Alter aus der Liste."),
    "error_place": ("Kies een plaats uit de lijst.", "Wählen Sie einen Ort aus der Liste."),
    "fault": ("Deze aanmelding kan niet beginnen", "Diese Anmeldung kann nicht beginnen"),
    "fault_text": (
        (
            "De site die u hierheen stuurde, maakte een fout in haar aanvraag. U deed niets verkeerd, "
            "en er werd niets naar haar verstuurd."
        ),
        (
            "Die Website, die Sie hierher geschickt hat, hat in ihrer Anfrage einen Fehler gemacht. "
            "Sie haben nichts falsch gemacht, und nichts wurde an sie gesendet."
        ),
    ),
    "fault_code": ("Code van de fout", "Code des Fehlers"),
    "fault_parameter": ("Parameter", "Parameter"),
    "used": ("Deze aanmeldpagina is al gebruikt", "Diese Anmeldeseite wurde schon benutzt"),
    "used_text": (
        (
            "Zij werkt één keer, twintig minuten lang, in de browser die haar opende. Ga terug naar de "
            "petitiesite en begin opnieuw."
        ),
        (
            "Sie gilt einmal, zwanzig Minuten lang, in dem Browser, der sie geöffnet hat. Gehen Sie "
            "zur Petitionswebsite zurück und beginnen Sie von vorn."
        ),
    ),
    "back": ("Naar de petitiesite", "Zur Petitionswebsite"),
    "missing": ("Deze pagina bestaat niet", "Diese Seite gibt es nicht"),
    "missing_text": (
        "Deze dienst dient alleen om u bij de petitiesite van de demonstratie aan te melden.",
        "Dieser Dienst meldet nur bei der Petitionswebsite der Demonstration an.",
    ),
    "home_text": (
        (
            "De petitiesite stuurt mensen hierheen om zich aan te melden, zoals naar een nationale "
            "identiteitsdienst. Dit zijn de mensen die u kunt zijn."
        ),
        (
            "Die Petitionswebsite schickt Menschen zum Anmelden hierher, wie zu einem staatlichen "
            "Identitätsdienst. Das sind die Personen, die Sie sein können."
        ),
    ),
    "foot": (
        (
            "Deze pagina hoort bij een demonstratie van software voor parlementen. Zij is geen openbare "
            "dienst en hoort bij geen enkele overheid."
        ),
        (
            "Diese Seite gehört zu einer Demonstration von Software für Parlamente. Sie ist kein "
            "öffentlicher Dienst und gehört zu keiner Behörde."
        ),
    ),
}
