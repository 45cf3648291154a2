"""Petitions to the town of Valmont that are open, or at the clerk's desk. All of them are invented."""

from __future__ import annotations

from petitions.demo.stories.senate_others import AMINA
from petitions.demo.stories.story import TOWN, Story, Wording

PLAYGROUND = Story(
    key="cour",
    assembly=TOWN,
    topic="schools",
    author="Aurore Tessier",
    text=Wording(
        "Ouvrir la cour de l'école des Tilleuls le week-end",
        "Nous demandons au conseil municipal d'ouvrir la cour de l'école des Tilleuls le samedi et le "
        "dimanche, de dix heures à dix-huit heures, comme un square.",
        "Le quartier n'a pas de square. La cour, refaite l'an dernier, a des arbres, un panier de "
        "basket et une fontaine ; elle est fermée cent quarante jours par an. Trois villes voisines "
        "ouvrent les leurs, avec un gardien le matin et le soir.",
    ),
    translation=Wording(
        "Open the playground of the Tilleuls school at weekends",
        "We ask the town council to open the playground of the Tilleuls school on Saturdays and Sundays "
        "from ten to six, like a public garden.",
        "The neighbourhood has no public garden. The playground was renewed last year; it has trees, a "
        "basketball hoop and a fountain, and is locked a hundred and forty days a year. Three towns "
        "nearby open theirs, with a caretaker in the morning and in the evening.",
    ),
)

GARDEN = Story(
    key="garden",
    assembly=TOWN,
    topic="parks",
    author="Rosalind Achterberg",
    language="en",
    text=Wording(
        "A community garden on the site of the old nursery",
        "We ask the town council to lend the site of the old nursery, rue des Lavoirs, to residents for "
        "a community garden, for three years to begin with.",
        "The site has been empty since the nursery moved. It has water, a fence and good soil. Forty "
        "households of the neighbourhood live without a balcony; twenty of them have already said that "
        "they would share the work and the watering.",
    ),
    translation=Wording(
        "Un jardin partagé sur le terrain de l'ancienne crèche",
        "Nous demandons au conseil municipal de prêter aux habitants le terrain de l'ancienne crèche, "
        "rue des Lavoirs, pour un jardin partagé, pendant trois ans pour commencer.",
        "Le terrain est vide depuis le départ de la crèche. Il a l'eau, une clôture et une bonne terre. "
        "Quarante foyers du quartier vivent sans balcon ; vingt d'entre eux ont déjà dit qu'ils "
        "partageraient le travail et l'arrosage.",
    ),
)

LIBRARY = Story(
    key="bibliotheque",
    assembly=TOWN,
    topic="libraries",
    author=AMINA,
    citizen=AMINA,
    text=Wording(
        "Ouvrir la bibliothèque jusqu'à vingt heures le jeudi",
        "Je demande au conseil municipal d'ouvrir la bibliothèque jusqu'à vingt heures le jeudi.",
        "La bibliothèque ferme à dix-huit heures, l'heure à laquelle le train ramène ceux qui "
        "travaillent en ville. Une soirée par semaine leur rendrait un service qu'ils paient comme les "
        "autres.",
    ),
    translation=Wording(
        "Keep the library open until eight on Thursdays",
        "I ask the town council to keep the library open until eight in the evening on Thursdays.",
        "The library closes at six, just when the train brings back those who work in the city. One "
        "evening a week would give them a service that they pay for like everyone else.",
    ),
)

IMPROVE = Story(
    key="ameliorer",
    assembly=TOWN,
    topic="townhall",
    author="Gilles Pontanier",
    text=Wording(
        "Pour une ville plus agréable",
        "Nous demandons que la ville devienne plus agréable.",
        "Tout le monde serait content. Il suffirait d'un peu de bonne volonté.",
    ),
)

YOUTH = Story(
    key="jeunes",
    assembly=TOWN,
    topic="generations",
    author="Clara Estienne",
    text=Wording(
        "Créer un conseil municipal des jeunes avec un budget",
        "Nous demandons au conseil municipal de créer un conseil des jeunes de douze à dix-huit ans, "
        "élu pour deux ans, avec un budget de quinze mille euros par an dont il décide seul.",
        "Un conseil qui donne des avis se lasse. Un conseil qui dépense quinze mille euros apprend à "
        "choisir, à compter et à rendre des comptes. La ville de nos correspondants le fait depuis dix "
        "ans.",
    ),
)

SIGNPOSTS = Story(
    key="signs",
    assembly=TOWN,
    topic="libraries",
    author="Duncan Ferris",
    language="en",
    text=Wording(
        "Put up signs in two languages along the riverside walk",
        "We ask the town council to put up signs in French and English along the riverside walk, with "
        "the walking time to the station and to the old mill.",
        "Thousands of walkers come through each summer and many of them miss the town altogether: the "
        "only sign says 'Centre' and points at a car park. Twelve signs would do.",
    ),
)

BENCHES = Story(
    key="bancs",
    assembly=TOWN,
    topic="parks",
    author="Odette Charvin",
    text=Wording(
        "Des bancs tous les deux cents mètres sur le chemin de la Rivière",
        "Nous demandons des bancs.",
        "À mon âge on marche, mais on s'assied.",
    ),
)

BENCHES_CORRECTED = Wording(
    "Des bancs tous les deux cents mètres sur le chemin de la Rivière",
    "Nous demandons au conseil municipal d'installer un banc avec dossier et accoudoirs tous les deux "
    "cents mètres sur le chemin de la Rivière, entre le pont et le moulin, soit neuf bancs.",
    "Le chemin est plat, ombragé, et la maison de retraite est à deux pas. Mais il n'y a pas un seul "
    "banc entre le pont et le moulin. À mon âge on marche encore, à condition de savoir où l'on va "
    "s'asseoir.",
)

NEIGHBOUR = Story(
    key="voisin",
    assembly=TOWN,
    topic="quiet",
    author="Anonyme du quartier des Lavoirs",
    text=Wording(
        "Faire partir le locataire du 14 de la rue des Lavoirs",
        "Nous demandons au conseil municipal de faire partir le locataire du deuxième étage, 14 rue des "
        "Lavoirs, qui est suivi par un psychiatre et a déjà perdu son emploi.",
        "Tout l'immeuble sait qu'il est malade. Il reçoit son infirmière chaque matin à sept heures.",
    ),
)

BIKE_LANE = Story(
    key="velo",
    assembly=TOWN,
    topic="mobility",
    author="Jordan Mirel",
    difference="La première pétition s'arrête au lycée ; la mienne demande d'aller jusqu'au stade.",
    text=Wording(
        "Une piste cyclable entre la gare, le lycée et le stade",
        "Je demande au conseil municipal une piste cyclable séparée de la chaussée entre la gare, le "
        "lycée et le stade. TOUT LE MONDE EN A ASSEZ D'ATTENDRE !!!",
        "Le samedi, cent enfants vont au stade en voiture parce que leurs parents ont peur de la route. "
        "Le plan est sur www.velo-valmont.example/plan et l'on peut m'écrire à "
        "jordan.mirel@example.org.",
    ),
)

OPEN = (
    PLAYGROUND, GARDEN, LIBRARY, IMPROVE, YOUTH, SIGNPOSTS, BENCHES, NEIGHBOUR, BIKE_LANE,
)  # fmt: skip
