"""Petitions to the Assemblée nationale, whose signatures are counted by department. Invented."""

from __future__ import annotations

from petitions.demo.stories.story import DEPUTIES, Story, Wording

NIGHT_TRAINS = Story(
    key="trains-de-nuit",
    assembly=DEPUTIES,
    topic="transport",
    author="Les Couchettes réunies",
    text=Wording(
        "Rétablir les trains de nuit entre les villes moyennes",
        "Nous demandons à l'Assemblée nationale d'inscrire dans la loi un réseau de vingt lignes de "
        "nuit reliant les villes moyennes entre elles, et pas seulement à la capitale.",
        "Traverser le pays d'ouest en est demande une journée de train ou deux heures d'avion. La nuit, "
        "les voies sont libres.\n\nLes voitures existent, les gares aussi. Ce qui manque est une "
        "obligation de service, comme il y en a une pour le courrier.",
    ),
    translation=Wording(
        "Bring back night trains between medium-sized towns",
        "We ask the National Assembly to write into law a network of twenty night lines that join "
        "medium-sized towns with one another, and not only with the capital.",
        "Crossing the country from west to east takes a day by train or two hours by air. At night the "
        "tracks are free.\n\nThe coaches exist, and so do the stations. What is missing is an "
        "obligation of service, as there is one for the post.",
    ),
)

SOUND = Story(
    key="sirenes",
    assembly=DEPUTIES,
    topic="environment",
    author="Maxence Duvivier",
    text=Wording(
        "Limiter la nuit le volume des sirènes des véhicules de secours",
        "Je demande à l'Assemblée nationale de fixer, entre vingt-deux heures et six heures, un volume "
        "plus bas pour les sirènes, comme l'ont fait plusieurs pays voisins.",
        "Une rue vide laisse passer sans crier. Dans les villes, des milliers de personnes sont "
        "réveillées chaque nuit par un signal réglé pour les heures de pointe.",
    ),
)
