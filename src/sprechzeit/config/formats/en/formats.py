"""How dates and times are written in English, for a practice in Europe: the day before the month, 24 hours."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATE_FORMAT = "d/m/Y"
SHORT_DATETIME_FORMAT = "d/m/Y, H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y", "%d %b %Y", "%d %B %Y"]
DATETIME_INPUT_FORMATS = [f"{day} {clock}" for day in DATE_INPUT_FORMATS for clock in ("%H:%M:%S", "%H:%M")]

# Of our own, the same names in every language.
WEEKDAY_DATE_FORMAT = "l, j F Y"
WEEKDAY_DATETIME_FORMAT = "l, j F Y, H:i"
WEEKDAY_DAY_FORMAT = "l, j F"
WEEKDAY_DAY_TIME_FORMAT = "l, j F, H:i"
SHORT_WEEKDAY_DATE_FORMAT = "D, j M Y"
SHORT_WEEKDAY_DAY_FORMAT = "D, j M"
SHORT_MONTH_FORMAT = "M Y"
DAY_OF_MONTH_FORMAT = "j"
CLOCK_FORMAT = "H:i"
SHORT_DAY_FORMAT = "j M"
SHORT_DAY_MONTH_FORMAT = "j M"
