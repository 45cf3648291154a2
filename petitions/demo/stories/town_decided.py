"""Petitions to the town of Valmont that came to a result. The town and all of them are invented."""

from __future__ import annotations

from petitions.demo.stories.story import TOWN, Answer, Story, Wording

LANE = Story(
    key="piste",
    assembly=TOWN,
    topic="mobility",
    author="Camille Reboul",
    text=Wording(
        "Une piste cyclable continue entre la gare et le lycée",
        "Nous demandons au conseil municipal de relier la gare au lycée par une piste cyclable séparée "
        "de la chaussée, y compris sur le pont et au carrefour des Quatre-Chemins.",
        "Sur les 2,3 kilomètres du trajet, la bande cyclable s'interrompt cinq fois, chaque fois à "
        "l'endroit le plus étroit. Deux élèves ont été renversés au carrefour cette année.\n\n"
        "La rue est assez large si l'on supprime une file de stationnement sur 180 mètres.",
    ),
    translation=Wording(
        "A continuous cycle lane from the station to the secondary school",
        "We ask the town council to link the station to the secondary school by a cycle lane separated "
        "from the road, on the bridge and at the Quatre-Chemins crossing too.",
        "Over the 2.3 kilometres the painted lane breaks off five times, each time where it is "
        "narrowest. Two pupils were knocked down at the crossing this year.\n\n"
        "The street is wide enough if one row of parked cars goes over 180 metres.",
    ),
)

FOUNTAIN = Story(
    key="fontaine",
    assembly=TOWN,
    topic="parks",
    author="Marguerite Osselin",
    text=Wording(
        "Remettre en eau la fontaine de la place du Marché",
        "Nous demandons au conseil municipal de réparer la fontaine de la place du Marché et d'y "
        "installer un robinet d'eau potable.",
        "Elle est à sec depuis six ans. L'été, la place est un four : le marché ferme une heure plus "
        "tôt et les bancs restent vides. Une pompe en circuit fermé suffit.",
    ),
    translation=Wording(
        "Bring the fountain on the market square back to life",
        "We ask the town council to repair the fountain on the market square and to add a tap with "
        "drinking water.",
        "It has been dry for six years. In summer the square is an oven: the market closes an hour "
        "early and the benches stay empty. A pump in a closed circuit is all it takes.",
    ),
)

LIGHTS = Story(
    key="eclairage",
    assembly=TOWN,
    topic="climate",
    author="Étienne Duvallon",
    text=Wording(
        "Éteindre l'éclairage public de minuit à cinq heures dans les quartiers d'habitation",
        "Nous demandons au conseil municipal d'éteindre l'éclairage public de minuit à cinq heures dans "
        "les rues d'habitation, en gardant la lumière autour de la gare, de l'hôpital et des passages "
        "piétons.",
        "Deux communes voisines le font depuis quatre ans : la facture a baissé d'un tiers, et l'on y "
        "revoit les étoiles. Les chauves-souris du clocher et les dormeurs du premier étage en "
        "profiteront ensemble.",
    ),
    translation=Wording(
        "Switch off the street lights from midnight to five in residential streets",
        "We ask the town council to switch off the street lights from midnight to five in residential "
        "streets, and to leave them on around the station, the hospital and at pedestrian crossings.",
        "Two neighbouring communes have done so for four years: the bill fell by a third, and the "
        "stars are back. The bats in the church tower and the sleepers on the first floor will both "
        "be glad of it.",
    ),
)

PARKING = Story(
    key="stationnement",
    assembly=TOWN,
    topic="streets",
    author="Helen Marsh",
    language="en",
    text=Wording(
        "Free parking in the town centre on Saturdays",
        "We ask the town council to make parking in the centre free on Saturdays until two in the "
        "afternoon.",
        "The shops of the centre lose their Saturday customers to the retail park, where parking costs "
        "nothing. Three shops closed this year. A free morning a week would be a small sign that the "
        "town wants us to stay.",
    ),
    translation=Wording(
        "Le stationnement gratuit au centre le samedi",
        "Nous demandons au conseil municipal de rendre le stationnement gratuit au centre le samedi "
        "jusqu'à quatorze heures.",
        "Les commerces du centre perdent leurs clients du samedi au profit de la zone commerciale, où "
        "l'on se gare sans payer. Trois boutiques ont fermé cette année. Une matinée gratuite par "
        "semaine montrerait que la ville veut nous garder.",
    ),
)

HIVES = Story(
    key="ruches",
    assembly=TOWN,
    topic="animals",
    author="Lucas Peyrol",
    text=Wording(
        "Installer des ruches sur le toit de la mairie",
        "Nous demandons au conseil municipal d'installer quatre ruches sur le toit de la mairie et d'en "
        "confier le soin à une association d'apiculteurs.",
        "Le toit est plat, plein sud et vide. Le miel pourrait être offert aux nouveaux habitants, et "
        "les classes viendraient voir les abeilles sans prendre le car.",
    ),
    translation=Wording(
        "Put beehives on the roof of the town hall",
        "We ask the town council to put four beehives on the roof of the town hall and to entrust an "
        "association of beekeepers with them.",
        "The roof is flat, faces south and is empty. The honey could be given to new residents, and "
        "school classes could come and see the bees without taking a bus.",
    ),
)

MARKET = Story(
    key="marche",
    assembly=TOWN,
    topic="trade",
    author="Paul-Henri Jacquemin",
    text=Wording(
        "Déplacer le marché du samedi sur le parking de la gare",
        "Nous demandons au conseil municipal de déplacer le marché du samedi sur le parking de la gare, "
        "vide ce jour-là.",
        "Le parking est plat, couvert d'arbres et à deux minutes des bus. Les livraisons n'y "
        "bloqueraient plus la rue du Four.",
    ),
    translation=Wording(
        "Move the Saturday market to the station car park",
        "We ask the town council to move the Saturday market to the station car park, which is empty "
        "on that day.",
        "The car park is level, shaded by trees and two minutes from the buses. Deliveries would no "
        "longer block the rue du Four.",
    ),
)

REGIONAL_FARE = Story(
    key="train",
    assembly=TOWN,
    topic="mobility",
    author="Sabrina Kessel",
    text=Wording(
        "Baisser le prix du train entre Valmont et la préfecture",
        "Nous demandons au conseil municipal de fixer à trois euros le billet de train entre Valmont et "
        "la préfecture.",
        "Le billet a augmenté de 28 % en cinq ans. Pour qui travaille à la préfecture, la voiture est "
        "devenue moins chère que le train.",
    ),
    translation=Wording(
        "Lower the train fare between Valmont and the county town",
        "We ask the town council to set the train fare between Valmont and the county town at three "
        "euros.",
        "The fare has risen by 28 % in five years. For those who work in the county town the car has "
        "become cheaper than the train.",
    ),
)

LIGHTS_ANSWER = Answer(
    code="adopted",
    summaries={
        "fr": "Le conseil municipal éteint l'éclairage de minuit à cinq heures dans les rues "
        "d'habitation, à titre d'essai pendant un an, puis fera le bilan en public.",
        "en": "The town council switches off the lights from midnight to five in residential streets, "
        "as a trial for one year, and will then review it in public.",
    },
    texts={
        "fr": "Le conseil municipal a examiné la pétition en séance publique.\n\n"
        "Il décide d'éteindre l'éclairage public de minuit à cinq heures dans les rues d'habitation à "
        "partir du premier jour du mois prochain. L'éclairage est maintenu autour de la gare, de "
        "l'hôpital, des passages piétons et de la salle des fêtes les soirs de manifestation.\n\n"
        "L'essai dure un an. Le bilan (dépense, accidents, plaintes, sentiment de sécurité) sera "
        "présenté en séance publique, et la décision sera reprise à cette occasion.\n\n"
        "Vote : 21 pour, 4 contre, 2 abstentions.",
        "en": "The town council examined the petition in public session.\n\n"
        "It decides to switch off the street lights from midnight to five in residential streets from "
        "the first day of next month. The lights stay on around the station, the hospital and "
        "pedestrian crossings, and at the village hall on evenings with events.\n\n"
        "The trial lasts one year. The review (cost, accidents, complaints, feeling of safety) will be "
        "presented in public session, and the decision will be taken up again then.\n\n"
        "Vote: 21 for, 4 against, 2 abstentions.",
    },
    links=("https://valmont.example/deliberations/eclairage",),
)

PARKING_ANSWER = Answer(
    code="declined",
    summaries={
        "en": "The town council keeps paid parking on Saturdays: free parking filled the spaces with "
        "all-day cars. Thirty minutes free of charge will be tried instead.",
        "fr": "Le conseil municipal maintient le stationnement payant le samedi : gratuit, il était "
        "occupé toute la journée par les mêmes voitures. Trente minutes gratuites seront essayées.",
    },
    texts={
        "en": "The town council examined the petition in public session and declined it.\n\n"
        "Free Saturdays were tried for two years. Counts showed that nine spaces in ten were taken "
        "before nine in the morning by cars that stayed until the evening: customers found fewer "
        "spaces than on paid days.\n\n"
        "The council shares the aim of the petition. Thirty minutes free of charge, every day, will be "
        "tried from the next quarter, and the shopkeepers will be asked about the result.\n\n"
        "Vote: 8 for the petition, 17 against, 2 abstentions.",
        "fr": "Le conseil municipal a examiné la pétition en séance publique et l'a rejetée.\n\n"
        "La gratuité du samedi a été essayée pendant deux ans. Les comptages ont montré que neuf places "
        "sur dix étaient prises avant neuf heures par des voitures qui restaient jusqu'au soir : les "
        "clients trouvaient moins de places que les jours payants.\n\n"
        "Le conseil partage l'objectif de la pétition. Trente minutes gratuites, tous les jours, seront "
        "essayées à partir du prochain trimestre, et les commerçants seront consultés sur le "
        "résultat.\n\nVote : 8 pour la pétition, 17 contre, 2 abstentions.",
    },
)

DECIDED = (LANE, FOUNTAIN, LIGHTS, PARKING, HIVES, MARKET, REGIONAL_FARE)
