"""What the clerks of the demonstration wrote: points to correct, reasons, notes, the Senate's "
"answer.
"""

from __future__ import annotations

from petitions.demo.stories.story import Answer

DELAYS_POINTS = {
    "fr": "Dites ce que le Sénat devrait décider : quelle loi, qui publie, à quel rythme.\n"
    "Retirez l'adresse électronique et le numéro de téléphone : le texte sera public.\n"
    "Le texte parle des trains régionaux : précisez si les trains nationaux sont compris.",
}

HIVES_SEALED = "Le délai de contestation est passé et la pétition est close."

IMPROVE_POINTS = {
    "fr": "Dites ce que le conseil municipal devrait décider : un lieu, un service, une règle.\n"
    "Donnez au moins une raison que les habitants puissent vérifier.",
    "en": "Say what the town council should decide: a place, a service, a rule.\n"
    "Give at least one reason that residents can check.",
}

BENCHES_POINTS = {
    "fr": "Précisez de quel chemin il s'agit, entre quels points, et combien de bancs vous "
    "demandez.\n"
    "Développez vos raisons en quelques phrases.",
    "en": "Say which path you mean, between which points, and how many benches you ask for.\n"
    "Give your reasons in a few sentences.",
}

BOWLS_REASONS = {
    "fr": "Le Parlement vote la loi, contrôle l'action du Gouvernement et évalue les politiques "
    "publiques. Le programme des Jeux olympiques est arrêté par le Comité international "
    "olympique, sur "
    "proposition des fédérations internationales : aucune loi ne peut le fixer.\n\n"
    "Vous pouvez vous adresser à la fédération française de votre sport, qui siège à la fédération "
    "internationale.",
    "en": "Parliament makes laws, scrutinises the Government and evaluates public policy. The "
    "Olympic "
    "programme is decided by the International Olympic Committee on a proposal of the international "
    "federations: no law can set it.\n\n"
    "You may write to the French federation of your sport, which sits in the international one.",
}

REGIONAL_FARE_REASONS = {
    "fr": "Les tarifs des trains régionaux sont fixés par la région, et non par la commune : le "
    "conseil "
    "municipal ne peut pas décider de ce prix.\n\n"
    "La région reçoit aussi des pétitions. Le conseil municipal peut en revanche décider d'une "
    "aide aux "
    "abonnements : une pétition qui le demanderait serait recevable.",
    "en": "The fares of regional trains are set by the region, not by the commune: the town council "
    "cannot decide on this price.\n\n"
    "The region receives petitions too. The town council could, however, decide on a subsidy "
    "for season "
    "tickets: a petition asking for that would be admissible.",
}

FILTER_REASONS = {
    "fr": "Le texte présente un produit, son prix et les conditions de l'offre. Une pétition "
    "demande une "
    "décision d'intérêt général ; elle ne peut pas servir à vendre un article. Ni le titre ni "
    "le texte "
    "ne sont publiés.",
    "en": "The text presents a product, its price and the terms of the offer. A petition asks for a "
    "decision of general interest; it cannot serve to sell an article. Neither title nor text is "
    "published.",
}

NEIGHBOUR_REASONS = {
    "fr": "Le texte désigne une personne par son adresse et révèle son état de santé. Ni le "
    "titre ni le "
    "texte ne sont publiés. Pour un trouble de voisinage, le conciliateur de justice reçoit en "
    "mairie le "
    "mardi.",
    "en": "The text identifies a person by their address and reveals their state of health. Neither "
    "title nor text is published. For disputes between neighbours, the conciliator receives at "
    "the town "
    "hall on Tuesdays.",
}

NEIGHBOUR_NOTE = (
    "La personne est identifiable (numéro, étage, horaires). Prévenir le centre communal d'action "
    "sociale, sans transmettre le texte."
)
WATER_NOTE = (
    "Demandé au secrétariat de la commission s'il y a des travaux en cours sur l'eau et le "
    "numérique ; "
    "réponse attendue cette semaine."
)
CRECHES_NOTE = (
    "Recevable. La traduction néerlandaise est demandée au service linguistique : pas de publication "
    "avant, les deux langues étant exigées."
)
YOUTH_NOTE = (
    "Vérifier si la délibération de l'an dernier sur la participation tranche déjà la question."
)

FIRST_AID_ANSWER = Answer(
    code="committee_referral",
    summaries={
        "fr": "La Conférence des Présidents renvoie la pétition à la commission de la culture, de "
        "l'éducation et de la communication, qui entendra ses auteurs.",
        "en": "The Conference of Presidents refers the petition to the committee on culture, "
        "education "
        "and communication, which will hear its authors.",
    },
    texts={
        "fr": "La Conférence des Présidents constate que la pétition n'a pas recueilli 100 000 "
        "signatures "
        "en six mois. Elle décide néanmoins de l'examiner, en raison de l'intérêt du sujet et "
        "du nombre "
        "des signatures recueillies.\n\n"
        "Elle renvoie la pétition à la commission permanente compétente. La commission entendra les "
        "auteurs et les représentants des services de secours ; elle étudiera l'application des "
        "textes "
        "en vigueur, le temps disponible dans les programmes et le coût du matériel, puis "
        "rendra compte "
        "à la Conférence.\n\nLes signataires en seront informés sur cette page.",
        "en": "The Conference of Presidents notes that the petition did not gather 100,000 "
        "signatures in "
        "six months. It decides to examine it all the same, because of the interest of the "
        "subject and "
        "the number of signatures gathered.\n\n"
        "It refers the petition to the standing committee in charge. The committee will hear "
        "the authors "
        "and the emergency services; it will study how the existing rules are applied, the time the "
        "curricula leave and the cost of the equipment, and will then report to the Conference.\n\n"
        "Signatories will find the result on this page.",
    },
    links=("https://senat.example/conference-des-presidents/releve-de-decisions",),
    reason="Intérêt du sujet et nombre de signatures : examen décidé sans attendre le seuil.",
)
