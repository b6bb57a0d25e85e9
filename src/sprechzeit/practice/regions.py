"""Regions whose public holidays close a practice (CAL-3): ISO 3166-2 codes, each with its name in its own country."""

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "DE-BW": "Baden-Württemberg",
    "DE-BY": "Bayern",
    "DE-BE": "Berlin",
    "DE-BB": "Brandenburg",
    "DE-HB": "Bremen",
    "DE-HH": "Hamburg",
    "DE-HE": "Hessen",
    "DE-MV": "Mecklenburg-Vorpommern",
    "DE-NI": "Niedersachsen",
    "DE-NW": "Nordrhein-Westfalen",
    "DE-RP": "Rheinland-Pfalz",
    "DE-SL": "Saarland",
    "DE-SN": "Sachsen",
    "DE-ST": "Sachsen-Anhalt",
    "DE-SH": "Schleswig-Holstein",
    "DE-TH": "Thüringen",
    "AT-1": "Burgenland",
    "AT-2": "Kärnten",
    "AT-3": "Niederösterreich",
    "AT-4": "Oberösterreich",
    "AT-5": "Salzburg",
    "AT-6": "Steiermark",
    "AT-7": "Tirol",
    "AT-8": "Vorarlberg",
    "AT-9": "Wien",
    "CH-AG": "Aargau",
    "CH-AI": "Appenzell Innerrhoden",
    "CH-AR": "Appenzell Ausserrhoden",
    "CH-BL": "Basel-Landschaft",
    "CH-BS": "Basel-Stadt",
    "CH-BE": "Bern / Berne",
    "CH-FR": "Freiburg / Fribourg",
    "CH-GE": "Genf / Genève",
    "CH-GL": "Glarus",
    "CH-GR": "Graubünden / Grischun / Grigioni",
    "CH-JU": "Jura",
    "CH-LU": "Luzern",
    "CH-NE": "Neuenburg / Neuchâtel",
    "CH-NW": "Nidwalden",
    "CH-OW": "Obwalden",
    "CH-SH": "Schaffhausen",
    "CH-SZ": "Schwyz",
    "CH-SO": "Solothurn",
    "CH-SG": "St. Gallen",
    "CH-TI": "Tessin / Ticino",
    "CH-TG": "Thurgau",
    "CH-UR": "Uri",
    "CH-VD": "Waadt / Vaud",
    "CH-VS": "Wallis / Valais",
    "CH-ZG": "Zug",
    "CH-ZH": "Zürich",
}
"""16 states of Germany, 9 of Austria, 26 cantons of Switzerland."""


def states_of(country: str) -> list[tuple[str, str]]:
    """(code, name) of a country's states, by name. `country`: ISO 3166-1, 'DE'."""
    return [(code, name) for code, name in STATES.items() if code.startswith(f"{country}-")]
