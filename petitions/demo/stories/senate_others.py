"""The other petitions to the Senate: small, ended, refused, or still with their author. Invented."""

from __future__ import annotations

from petitions.demo.stories.story import SENATE, Story, Wording

AMINA = "Amina Haddad"
"""A citizen of the demonstration's identity provider: her petitions wait in her own space."""

HEDGES = Story(
    key="haies",
    assembly=SENATE,
    topic="environment",
    kind="text",
    author="Yannick Le Bihan",
    text=Wording(
        "Dresser un inventaire national des haies et le publier chaque année",
        "Nous demandons au Sénat de confier à l'institut géographique national un inventaire annuel et "
        "public des haies, commune par commune, et de subordonner à cet inventaire les aides à la "
        "plantation.",
        "Chaque année on plante des haies avec de l'argent public, et chaque année on en arrache "
        "davantage. Personne ne connaît le solde, parce que personne ne compte l'arrachage.\n\n"
        "Les images existent, les outils existent. Un chiffre publié le même jour chaque année ferait "
        "plus que dix plans.",
    ),
    translation=Wording(
        "Draw up a national inventory of hedgerows and publish it every year",
        "We ask the Senate to entrust the national mapping institute with a yearly public inventory of "
        "hedgerows, commune by commune, and to make grants for planting depend on it.",
        "Every year hedges are planted with public money, and every year more of them are grubbed up. "
        "Nobody knows the balance, since nobody counts what is removed.\n\n"
        "The pictures exist, the tools exist. One figure published on the same day each year would do "
        "more than ten plans.",
    ),
)

APPRENTICES = Story(
    key="apprentis",
    assembly=SENATE,
    topic="transport",
    kind="text",
    author="Théo Lambinet",
    text=Wording(
        "Donner aux apprentis le tarif des étudiants dans les trains",
        "Nous demandons au Sénat d'étendre aux apprentis, quel que soit leur âge, toute réduction "
        "accordée aux étudiants dans les trains subventionnés par une collectivité.",
        "Un apprenti change de ville toutes les deux semaines, entre l'entreprise et le centre de "
        "formation. Il paie plein tarif là où l'étudiant du même âge paie la moitié, parce que la "
        "carte demande un certificat d'université.\n\n"
        "Même âge, même train, même prix.",
    ),
    translation=Wording(
        "Give apprentices the student fare on trains",
        "We ask the Senate to extend to apprentices of any age every reduction granted to students on "
        "trains subsidised by a public authority.",
        "An apprentice moves between two towns every fortnight, from the workshop to the training "
        "centre. They pay full fare where a student of the same age pays half, because the card asks "
        "for a university certificate.\n\nSame age, same train, same price.",
    ),
)

STATIONS = Story(
    key="accessibilite",
    assembly=SENATE,
    topic="transport",
    kind="control",
    author="Association Quai pour tous",
    text=Wording(
        "Évaluer l'application des règles d'accessibilité dans les gares",
        "Nous demandons au Sénat de contrôler, gare par gare, l'application des règles d'accessibilité, "
        "et de publier la liste des gares où une personne en fauteuil ne peut pas prendre le train sans "
        "aide.",
        "Les échéances ont été repoussées trois fois. Un ascenseur en panne pendant quatre mois compte "
        "comme un ascenseur. Nous demandons que l'on regarde ce qui fonctionne, et non ce qui est "
        "installé.",
    ),
    translation=Wording(
        "Assess how the rules on accessibility are applied in railway stations",
        "We ask the Senate to check, station by station, how the rules on accessibility are applied, "
        "and to publish the list of stations where a person in a wheelchair cannot take a train "
        "without help.",
        "The deadlines have been put off three times. A lift that is out of order for four months "
        "counts as a lift. We ask that somebody look at what works, not at what was installed.",
    ),
)

BOTTLES = Story(
    key="consigne",
    assembly=SENATE,
    topic="environment",
    kind="text",
    author="Baptiste Ferrand",
    text=Wording(
        "Rétablir la consigne des bouteilles en verre dans tous les commerces",
        "Nous demandons au Sénat d'instaurer une consigne de vingt centimes sur toute bouteille en "
        "verre, rendue dans n'importe quel commerce qui en vend, avec quatre formats communs pour "
        "qu'elles puissent être lavées et remplies de nouveau.",
        "Une bouteille lavée demande quatre fois moins d'énergie qu'une bouteille refondue. Plusieurs "
        "pays voisins n'ont jamais cessé de le faire. Il manque des formats communs et une règle égale "
        "pour tous.",
    ),
    translation=Wording(
        "Bring back the deposit on glass bottles in every shop",
        "We ask the Senate to introduce a deposit of twenty cents on every glass bottle, refunded in "
        "any shop that sells them, with four common formats so that they can be washed and refilled.",
        "A washed bottle takes a quarter of the energy of a melted one. Several neighbouring countries "
        "have never stopped doing it. What is missing are common formats and one rule for all.",
    ),
)

BOWLS = Story(
    key="petanque",
    assembly=SENATE,
    topic="culture",
    kind="text",
    author="Amicale bouliste des Platanes",
    text=Wording(
        "Faire entrer la pétanque au programme des Jeux olympiques",
        "Nous demandons au Sénat de décider que la pétanque sera une épreuve des prochains Jeux "
        "olympiques d'été.",
        "Elle se joue dans plus de cent pays, à tout âge, et ne demande qu'un terrain plat. Il est "
        "temps que le pays où elle est née fasse le nécessaire.",
    ),
    translation=Wording(
        "Make pétanque an Olympic sport",
        "We ask the Senate to decide that pétanque will be an event of the next Summer Olympics.",
        "It is played in more than a hundred countries, at any age, and needs nothing but level "
        "ground. It is time that the country where it was born did what is necessary.",
    ),
)

FILTER = Story(
    key="filtre",
    assembly=SENATE,
    topic="housing",
    kind="text",
    author="Service commercial Aquanova",
    text=Wording(
        "Équiper chaque logement d'un filtre Aquanova Confort+",
        "Nous demandons au Sénat de rendre obligatoire, dans chaque logement, un filtre à eau du modèle "
        "Aquanova Confort+, disponible dès maintenant au prix de lancement de 189 euros, pose comprise.",
        "Commandez avant la fin du mois : la deuxième cartouche est offerte. Nos conseillers vous "
        "rappellent gratuitement pour un devis.",
    ),
)

WATER = Story(
    key="numerique",
    assembly=SENATE,
    topic="digital",
    kind="text",
    author="Inès Castaing",
    text=Wording(
        "Publier la consommation d'eau des centres de données",
        "Nous demandons au Sénat d'obliger les exploitants de centres de données à publier chaque mois "
        "l'eau prélevée et l'eau rejetée, site par site, et de permettre au préfet de limiter ces "
        "prélèvements en période de sécheresse.",
        "L'été dernier, notre commune a interdit d'arroser les potagers. À deux kilomètres, le "
        "refroidissement d'un centre de données continuait, et la mairie n'a pas pu savoir combien il "
        "consomme : c'est un secret des affaires.\n\n"
        "On ne partage bien que ce que l'on mesure.",
    ),
)

CARERS = Story(
    key="repos",
    assembly=SENATE,
    topic="work",
    kind="text",
    author=AMINA,
    citizen=AMINA,
    text=Wording(
        "Ouvrir le don de jours de repos aux proches aidants de toutes les entreprises",
        "Je demande au Sénat de permettre à un salarié de donner des jours de repos à un proche aidant "
        "d'une autre entreprise, par l'intermédiaire d'un fonds commun géré par les branches.",
        "Dans une entreprise de quatre personnes, le don de jours existe sur le papier : il n'y a "
        "personne pour donner. Un fonds par branche rendrait ce droit réel, là où l'on en a le plus "
        "besoin.",
    ),
)

DELAYS = Story(
    key="ponctualite",
    assembly=SENATE,
    topic="transport",
    kind="text",
    author=AMINA,
    citizen=AMINA,
    text=Wording(
        "Publier chaque mois la ponctualité des trains régionaux",
        "Je demande que la ponctualité soit publiée.",
        "Les voyageurs ont le droit de savoir. Pour en parler, écrivez-moi à "
        "trains.a.lheure@example.org ou au 01 99 00 12 34.",
    ),
)

SCHOOL_START = Story(
    key="rentree",
    assembly=SENATE,
    topic="work",
    kind="text",
    author=AMINA,
    citizen=AMINA,
    text=Wording(
        "Une demi-journée d'absence payée pour accompagner un enfant à sa première rentrée",
        "Je demande au Sénat de créer une autorisation d'absence d'une demi-journée pour les parents "
        "d'un enfant qui entre à l'école pour la première fois.",
    ),
)

OTHERS = (
    HEDGES, APPRENTICES, STATIONS, BOTTLES, BOWLS, FILTER, WATER, CARERS, DELAYS, SCHOOL_START,
)  # fmt: skip
