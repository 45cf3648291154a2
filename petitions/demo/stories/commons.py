"""Petitions to the House of Commons: nobody reads them before five people stand behind them."""

from __future__ import annotations

from petitions.demo.stories.story import COMMONS, Story, Wording

MOIRA = "Moira Campbell"
"""A citizen of the demonstration's identity provider who lives in the United Kingdom."""

TOOLS = Story(
    key="tool-library",
    assembly=COMMONS,
    topic="culture",
    author="Gareth Llewellyn-Price",
    language="en",
    text=Wording(
        "Let libraries lend out tools as they lend out books",
        "We want the Government to fund a tool library in every public library service, with drills, "
        "ladders and sewing machines that anybody with a card can borrow for a week.",
        "A drill is used for a few minutes in its life. Most households buy one anyway, because there "
        "is nobody to borrow it from. Libraries know how to lend; they lack shelves for what is heavy.",
        "Fund a lending shelf for tools in every public library service.",
    ),
    translation=Wording(
        "Que les bibliothèques prêtent des outils comme elles prêtent des livres",
        "Nous voulons que le Gouvernement finance dans chaque réseau de bibliothèques publiques un prêt "
        "d'outils : perceuses, échelles, machines à coudre, pour une semaine, avec la carte.",
        "Une perceuse sert quelques minutes dans sa vie. On en achète une quand même, faute de voisin à "
        "qui l'emprunter. Les bibliothèques savent prêter ; il leur manque des étagères solides.",
        "Financer un prêt d'outils dans chaque réseau de bibliothèques publiques.",
    ),
)

FERRIES = Story(
    key="ferries",
    assembly=COMMONS,
    topic="transport",
    author=MOIRA,
    citizen=MOIRA,
    language="en",
    text=Wording(
        "Publish how often each lifeline ferry is late or cancelled",
        "I want the Government to publish, every month and for every route, how many sailings of "
        "lifeline ferries were late or cancelled, and why.",
        "On an island a cancelled ferry is a missed operation, an exam sat late, a shop without bread. "
        "Trains and planes have published figures for years. Boats should too.",
        "Monthly punctuality figures for every lifeline ferry route.",
    ),
)
