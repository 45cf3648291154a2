"""Petitions to the Senate that gathered many signatures. All of them are invented."""

from __future__ import annotations

from petitions.demo.stories.story import SENATE, Story, Wording

DOCTOR = Story(
    key="medecin",
    assembly=SENATE,
    topic="health",
    kind="text",
    author="Solène Audibert",
    text=Wording(
        "Garantir un médecin traitant à toute personne atteinte d'une maladie chronique",
        "Nous demandons au Sénat d'inscrire dans le code de la santé publique le droit, pour toute "
        "personne reconnue en affection de longue durée, d'obtenir un médecin traitant dans un délai "
        "de deux mois, et de charger l'assurance maladie d'en proposer un lorsque la personne n'en "
        "trouve pas elle-même.",
        "Une maladie chronique ne se soigne pas aux urgences. Sans médecin traitant, les ordonnances "
        "ne sont pas renouvelées à temps, les examens de suivi sont oubliés, et chaque aggravation "
        "finit à l'hôpital, plus grave et plus coûteuse.\n\n"
        "Dans nos villages, on téléphone à vingt cabinets avant d'entendre qu'aucun ne prend de "
        "nouveaux patients. Personne n'est chargé de trouver une réponse : ni la commune, ni "
        "l'hôpital, ni la caisse. Un droit sans responsable n'est pas un droit.\n\n"
        "Nous ne demandons pas d'obliger un médecin à s'installer. Nous demandons qu'une "
        "administration réponde de la solution : un cabinet voisin, une maison de santé, une "
        "consultation avancée de l'hôpital, une équipe de soins.",
    ),
    translation=Wording(
        "Guarantee a family doctor to everyone with a chronic illness",
        "We ask the Senate to write into the Public Health Code the right of every person recognised "
        "as having a long-term condition to be given a family doctor within two months, and to make "
        "the health insurance responsible for proposing one where the person cannot find one.",
        "A chronic illness is not treated in an emergency ward. Without a family doctor prescriptions "
        "are not renewed in time, check-ups are forgotten, and every relapse ends in hospital, worse "
        "and more expensive than it had to be.\n\n"
        "In our villages people ring twenty practices before they hear that none of them takes new "
        "patients. Nobody is charged with finding an answer: not the commune, not the hospital, not "
        "the insurance. A right that nobody answers for is no right.\n\n"
        "We do not ask that any doctor be told where to settle. We ask that one administration answer "
        "for the solution: a practice nearby, a health centre, a hospital doctor who comes to us, a "
        "care team.",
    ),
)

FIRST_AID = Story(
    key="gestes",
    assembly=SENATE,
    topic="education",
    kind="text",
    author="Collectif Une minute pour agir",
    text=Wording(
        "Enseigner chaque année les gestes qui sauvent, de la sixième à la terminale",
        "Nous demandons au Sénat de prévoir dans le code de l'éducation deux heures par an de "
        "formation aux premiers secours pour chaque élève, de la sixième à la terminale, avec un "
        "mannequin et un défibrillateur d'exercice dans chaque établissement.",
        "Lors d'un arrêt cardiaque, chaque minute sans massage fait perdre environ une chance sur dix "
        "de survivre. Les secours arrivent rarement avant dix minutes : le premier secours, c'est la "
        "personne qui se trouve là.\n\n"
        "Aujourd'hui un élève reçoit au mieux une initiation en troisième, puis oublie. Un geste se "
        "garde en le répétant. Deux heures par an suffisent, les pompiers et les associations agréées "
        "sont prêts à former les enseignants, et le matériel sert pendant quinze ans.",
    ),
    translation=Wording(
        "Teach first aid every year, from the first to the last year of secondary school",
        "We ask the Senate to provide in the Education Code for two hours of first-aid training a year "
        "for every pupil of secondary school, with a dummy and a training defibrillator in each "
        "school.",
        "In a cardiac arrest every minute without massage takes away about one chance in ten of "
        "surviving. Help rarely arrives in less than ten minutes: the first helper is whoever happens "
        "to be there.\n\n"
        "Today a pupil is given one introduction at best, at fourteen, and forgets it. Such a movement "
        "is kept by repeating it. Two hours a year are enough, firefighters and approved associations "
        "are ready to train the teachers, and the equipment lasts fifteen years.",
    ),
)

COUNTER = Story(
    key="guichet",
    assembly=SENATE,
    topic="institutions",
    kind="text",
    author="Roland Vasseur",
    text=Wording(
        "Maintenir un accueil par une personne dans chaque service public",
        "Nous demandons au Sénat d'adopter une loi qui garantit à chacun de pouvoir accomplir toute "
        "démarche administrative auprès d'une personne, au guichet ou par téléphone, sans passer par "
        "internet et sans frais supplémentaires.",
        "Mon voisin de quatre-vingt-un ans a perdu trois mois d'aide au logement parce que son "
        "attestation ne pouvait être déposée qu'en ligne. Il n'a ni ordinateur ni adresse "
        "électronique. Il n'est pas seul : personnes âgées, personnes en situation de handicap, gens "
        "qui lisent mal, foyers sans réseau.\n\n"
        "Les démarches en ligne rendent service à ceux qui les choisissent. Elles ne doivent pas "
        "devenir une porte fermée pour les autres. Un numéro de téléphone auquel quelqu'un répond, "
        "une matinée de guichet par semaine dans chaque canton : voilà ce qu'il faut écrire dans la "
        "loi.",
    ),
    translation=Wording(
        "Keep a person at the counter of every public service",
        "We ask the Senate to pass a law that guarantees everyone the possibility of settling any "
        "administrative matter with a person, at a counter or by telephone, without the internet and "
        "at no extra cost.",
        "My neighbour, who is eighty-one, lost three months of housing benefit because his certificate "
        "could only be handed in online. He has neither a computer nor an e-mail address. He is not "
        "alone: the elderly, people with disabilities, people who read with difficulty, homes without "
        "a network.\n\n"
        "Online services are good for those who choose them. They must not become a closed door for "
        "the others. A telephone number that somebody answers, one morning a week at a counter in "
        "each canton: that is what the law should say.",
    ),
)

REPAIR = Story(
    key="reparation",
    assembly=SENATE,
    topic="economy",
    kind="text",
    author="Maëlys Corbin",
    text=Wording(
        "Garantir dix ans de pièces détachées pour l'électroménager",
        "Nous demandons au Sénat d'obliger les fabricants de gros électroménager à fournir les pièces "
        "détachées pendant dix ans après la fin de la vente d'un modèle, dans un délai de quinze jours "
        "et à un prix affiché lors de l'achat.",
        "Je répare des lave-linge depuis dix-neuf ans. Une fois sur trois, la machine part à la benne "
        "pour une pièce à douze euros que le fabricant ne livre plus, ou qu'il vend plus cher que la "
        "machine entière.\n\n"
        "L'indice de réparabilité informe, il n'oblige à rien. Un délai, une durée et un prix connus "
        "à l'achat : chacun pourra alors comparer, et les réparateurs pourront travailler.",
    ),
    translation=Wording(
        "Guarantee ten years of spare parts for household appliances",
        "We ask the Senate to oblige makers of large household appliances to supply spare parts for "
        "ten years after a model has gone off sale, within fifteen days and at a price shown when the "
        "appliance is bought.",
        "I have repaired washing machines for nineteen years. One time in three the machine goes to "
        "the tip for a part worth twelve euros that the maker no longer supplies, or sells for more "
        "than the whole machine.\n\n"
        "The repairability index informs, it obliges nobody. A delay, a duration and a price known at "
        "purchase: then people can compare, and repairers can work.",
    ),
)

TRAVEL = Story(
    key="trajets",
    assembly=SENATE,
    topic="work",
    kind="text",
    author="Nadia Benchekroun",
    text=Wording(
        "Compter comme temps de travail les trajets des aides à domicile",
        "Nous demandons au Sénat de préciser dans le code du travail que le trajet entre deux "
        "domiciles est du temps de travail payé, et que les frais de voiture sont remboursés dès le "
        "premier kilomètre.",
        "Une aide à domicile enchaîne sept ou huit interventions par jour. Entre elles, une heure et "
        "demie de route, souvent payée à moitié, parfois pas du tout, avec sa propre voiture.\n\n"
        "Nous nous occupons de vos parents. Nous demandons que notre journée soit comptée comme une "
        "journée.",
    ),
    translation=Wording(
        "Count the journeys of home carers as working time",
        "We ask the Senate to make clear in the Labour Code that the journey from one home to the next "
        "is paid working time, and that the cost of the car is refunded from the first kilometre.",
        "A home carer makes seven or eight visits a day. Between them lie an hour and a half of "
        "driving, often half paid, sometimes not paid at all, in her own car.\n\n"
        "We look after your parents. We ask that our day be counted as a day.",
    ),
)

SIGNED = (DOCTOR, FIRST_AID, COUNTER, REPAIR, TRAVEL)
