"""Petitions to the two Brussels assemblies, in French and Dutch as their rules ask. Invented."""

from __future__ import annotations

from petitions.demo.stories.story import FRENCH_SPEAKERS, REGION, Story, Wording

INGRID = "Ingrid Peeters"
"""A citizen of the demonstration's identity provider who lives in Brussels."""
_FORM = {"residence": "Rue des Tanneurs imaginaire 12, 1000 Bruxelles", "birth_date": "1979-04-17"}

NIGHT_BUSES = Story(
    key="noctis",
    assembly=REGION,
    topic="transport",
    also=(FRENCH_SPEAKERS,),
    author="Collectif Dernier Métro",
    translated_into="nl",
    answers=_FORM,
    text=Wording(
        "Faire circuler le métro toute la nuit, le vendredi et le samedi",
        "Nous demandons aux deux assemblées de faire circuler une rame de métro toutes les trente "
        "minutes dans les nuits du vendredi et du samedi, et d'ouvrir pendant ces heures les centres "
        "d'accueil pour jeunes situés près des stations.",
        "À une heure du matin, il reste le taxi ou la marche. Celles et ceux qui servent, soignent et "
        "nettoient rentrent plus tard encore.\n\nLe transport relève de la Région, l'accueil des jeunes "
        "des institutions francophones : c'est pourquoi nous nous adressons aux deux.",
    ),
    translation=Wording(
        "Laat de metro op vrijdag en zaterdag de hele nacht rijden",
        "Wij vragen beide assemblees om in de nacht van vrijdag en van zaterdag elke dertig minuten een "
        "metrostel te laten rijden, en om tijdens die uren de onthaalcentra voor jongeren bij de "
        "stations open te houden.",
        "Om één uur 's nachts blijven alleen de taxi en de benenwagen over. Wie bedient, verzorgt of "
        "schoonmaakt, komt nog later thuis.\n\nVervoer is een zaak van het Gewest, onthaal van jongeren "
        "van de Franstalige instellingen: daarom richten wij ons tot beide.",
    ),
)

FOUNTAINS = Story(
    key="fontaines",
    assembly=REGION,
    topic="planning",
    author=INGRID,
    citizen=INGRID,
    translated_into="nl",
    answers={"residence": "Rue du Ruisseau inventé 8, 1000 Bruxelles", "birth_date": "1981-06-15"},
    text=Wording(
        "Une fontaine d'eau potable sur chaque place et dans chaque parc",
        "Je demande au Parlement d'installer sur chaque place et dans chaque parc de la Région une "
        "fontaine d'eau potable, ouverte toute l'année et accessible en fauteuil roulant.",
        "Pendant la dernière canicule, on ne trouvait pas une goutte d'eau dans mon quartier sans "
        "acheter quelque chose. Une fontaine coûte moins qu'un banc et sert à tout le monde.",
    ),
    translation=Wording(
        "Een drinkwaterfontein op elk plein en in elk park",
        "Ik vraag het Parlement om op elk plein en in elk park van het Gewest een drinkwaterfontein te "
        "plaatsen, het hele jaar open en bereikbaar voor een rolstoel.",
        "Tijdens de laatste hittegolf was er in mijn wijk geen druppel water te vinden zonder iets te "
        "kopen. Een fontein kost minder dan een bank en dient iedereen.",
    ),
)

CRECHES = Story(
    key="creches",
    assembly=FRENCH_SPEAKERS,
    topic="education",
    author="Samira Lambert",
    answers=_FORM,
    text=Wording(
        "Ouvrir des places de crèche aux horaires des soignants",
        "Je demande au Parlement de financer, près de chaque hôpital, une crèche ouverte de six heures "
        "à vingt-deux heures, sept jours sur sept.",
        "Les équipes commencent à sept heures, les crèches ouvrent à huit. Chaque matin, quelqu'un "
        "dépose son enfant chez une voisine et remercie.",
    ),
)
