"""The provider's sentences in English and French, and which language a person reads."""

from collections.abc import Sequence

from flask import request

from .wording_dutch_german import FURTHER

LANGUAGES = ("en", "fr", "nl", "de")

WORDS: dict[str, tuple[str, str]] = {
    "service": ("Demonstration identity service", "Service d’identité de démonstration"),
    "banner": (
        "Demonstration. Everybody here is invented, there is no password, nothing is official.",
        (
            "Démonstration. Tout le monde ici est inventé, il n’y a pas de mot de passe, "
            "rien n’est officiel."
        ),
    ),
    "skip": ("Skip to main content", "Aller au contenu principal"),
    "language": ("Language", "Langue"),
    "choose_citizen": ("Who are you today?", "Qui êtes-vous aujourd’hui ?"),
    "choose_staff": ("Which member of staff are you?", "Quel agent êtes-vous ?"),
    "for": ("You are logging in to:", "Vous vous connectez à :"),
    "explain_citizen": (
        "In real life you would prove who you are at a public identity service. Here you choose.",
        (
            "En réalité, vous prouveriez votre identité auprès de votre service public. "
            "Ici, vous choisissez."
        ),
    ),
    "explain_staff": (
        "In real life you would log in with the parliament’s own account. Here you choose.",
        "En réalité, vous utiliseriez votre compte du parlement. Ici, vous choisissez.",
    ),
    "anonymous": (
        (
            "You continue anonymously: no personal data will be sent, only a code that stands for "
            "you at this site, and at no other."
        ),
        (
            "Vous continuez de façon anonyme : aucune donnée personnelle ne sera transmise, "
            "seulement un code qui vous désigne sur ce site, et sur aucun autre."
        ),
    ),
    "will_send": (
        "These facts will be sent, and nothing else:",
        "Ces informations seront transmises, et rien d’autre :",
    ),
    "claim_sub": (
        "a code that stands for you at this site, and at no other",
        "un code qui vous désigne sur ce site, et sur aucun autre",
    ),
    "claim_given_name": ("first name", "prénom"),
    "claim_family_name": ("family name", "nom de famille"),
    "claim_birthdate": ("date of birth", "date de naissance"),
    "claim_residence": ("place of residence", "lieu de résidence"),
    "claim_nationality": ("nationality", "nationalité"),
    "claim_name": ("name", "nom"),
    "claim_amr": ("how you logged in", "moyen de connexion utilisé"),
    "claim_groups": ("groups in the directory", "groupes de l’annuaire"),
    "age": ("{} years old", "{} ans"),
    "people": ("Invented citizens", "Citoyens inventés"),
    "staff": ("Invented staff", "Agents inventés"),
    "anybody": ("Or anybody else", "Ou n’importe qui d’autre"),
    "anybody_hint": (
        "Type any name. The same name is always the same person, so a second signature is noticed.",
        (
            "Écrivez n’importe quel nom. Le même nom est toujours la même personne : "
            "une seconde signature se remarque."
        ),
    ),
    "name": ("Name", "Nom"),
    "age_label": ("Age", "Âge"),
    "place": ("Place of residence", "Lieu de résidence"),
    "continue": ("Continue as this person", "Continuer sous ce nom"),
    "cancel": ("Cancel and go back", "Annuler et revenir"),
    "error": ("There is a problem", "Il y a un problème"),
    "error_name": (
        "Type a name of 1 to 80 letters.",
        "Écrivez un nom de 1 à 80 lettres.",
    ),
    "error_age": ("Choose an age from the list.", "Choisissez un âge dans la liste."),
    "error_place": ("Choose a place from the list.", "Choisissez un lieu dans la liste."),
    "fault": ("This login cannot start", "Cette connexion ne peut pas commencer"),
    "fault_text": (
        (
            "The site that sent you here made a mistake in its request. You did nothing wrong, "
            "and nothing was sent to it."
        ),
        (
            "Le site qui vous envoie a fait une erreur dans sa demande. Vous n’y êtes pour rien, "
            "et rien ne lui a été transmis."
        ),
    ),
    "fault_code": ("Code of the fault", "Code de l’erreur"),
    "fault_parameter": ("Parameter", "Paramètre"),
    "used": ("This login page has been used", "Cette page de connexion a déjà servi"),
    "used_text": (
        (
            "It works once, for twenty minutes, in the browser that opened it. "
            "Go back to the petition site and start again."
        ),
        (
            "Elle sert une fois, pendant vingt minutes, dans le navigateur qui l’a ouverte. "
            "Revenez au site de pétitions et recommencez."
        ),
    ),
    "back": ("To the petition site", "Vers le site de pétitions"),
    "missing": ("There is no such page", "Cette page n’existe pas"),
    "missing_text": (
        "This service only logs people in to the petition site of the demonstration.",
        "Ce service ne sert qu’à se connecter au site de pétitions de la démonstration.",
    ),
    "home_text": (
        (
            "The petition site sends people here to log in, as it would to a national identity "
            "service. These are the people you can be."
        ),
        (
            "Le site de pétitions envoie ici les personnes qui se connectent, comme vers "
            "un service national d’identité. Voici qui vous pouvez être."
        ),
    ),
    "foot": (
        (
            "This page belongs to a demonstration of software for parliaments. It is not a public "
            "service and belongs to no administration."
        ),
        (
            "Cette page fait partie de la démonstration d’un logiciel pour parlements. Ce n’est "
            "pas un service public, elle n’appartient à aucune administration."
        ),
    ),
}


def word(key: str, language: str) -> str:
    return chosen((*WORDS[key], *FURTHER[key]), language)


def chosen(texts: Sequence[str], language: str) -> str:
    """One of several texts, in the order of LANGUAGES; the first where that language has none."""
    at = LANGUAGES.index(language)
    return texts[at] if at < len(texts) else texts[0]


def language(asked: str) -> str:
    """One of LANGUAGES: the first one known in `ui_locales`, else what the browser prefers."""
    for one in asked.split():
        short = one.partition("-")[0].casefold()
        if short in LANGUAGES:
            return short
    return request.accept_languages.best_match(LANGUAGES, "en")
