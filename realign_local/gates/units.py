"""Units and currencies by their many names: `5 km` is `5 kilometres` and not `5 m`."""

from __future__ import annotations

_NAMES = {
    "percent": "% percent per-cent Prozent pourcent pct",
    "km": "km kms kilometer kilometers kilometre kilometres kilomètre kilomètres Kilometern "
    "kilómetro kilómetros chilometri quilômetros км 公里 千米 キロ",
    "m": "m meter meters metre metres mètre mètres Meter Metern metro metros metri м 米 メートル",
    "cm": "cm centimeter centimeters centimetre centimetres centimètres Zentimeter centímetros "
    "см 厘米 センチ",
    "mm": "mm millimeter millimeters millimetre millimetres Millimeter milímetros мм 毫米",
    "mile": "mile miles mi",
    "ft": "ft foot feet",
    "inch": "inch inches",
    "yard": "yard yards yd yds",
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes Kilogramm kilogramos кг "
    "公斤 千克 キログラム",
    "g": "g gram grams gramme grammes Gramm gramos г 克 グラム",
    "mg": "mg milligram milligrams Milligramm мг 毫克",
    "pound": "lb lbs pound pounds £ GBP",
    "oz": "oz ounce ounces",
    "ton": "ton tons tonne tonnes Tonnen toneladas тонн 吨",
    "l": "l L liter liters litre litres Liter Litern litro litros литр литра литров 升 リットル",
    "ml": "ml mL milliliter milliliters millilitre millilitres Milliliter мл 毫升",
    "gallon": "gallon gallons gal",
    "cup": "cup cups",
    "tbsp": "tbsp tablespoon tablespoons EL",
    "tsp": "tsp teaspoon teaspoons TL",
    "pint": "pint pints",
    "quart": "quart quarts",
    "s": "s sec secs second seconds Sekunde Sekunden seconde secondes segundo segundos секунд 秒",
    "ms": "ms millisecond milliseconds",
    "min": "min mins minute minutes Minute Minuten minuto minutos minuti минут минуты 分钟 分",
    "h": "h hr hrs hour hours Stunde Stunden heure heures hora horas ora ore час часа "
    "часов 小时 時間",
    "day": "day days Tag Tage Tagen jour jours día días dia dias giorno giorni день дня дней 天 日",
    "week": "week weeks Woche Wochen semaine semaines semana semanas settimane неделя недели "
    "недель 周 星期",
    "month": "month months Monat Monate Monaten mois mes meses mesi месяц месяца месяцев 个月 月",
    "year": "year years yr yrs Jahr Jahre Jahren an ans année années año años ano anos anno "
    "anni год года лет 年 岁",
    "decade": "decade decades",
    "century": "century centuries",
    "km/h": "km/h kmh kph км/ч",
    "mph": "mph",
    "m/s": "m/s",
    "celsius": "°C ℃",
    "fahrenheit": "°F ℉",
    "degree": "° degree degrees Grad degrés grados градусов 度",
    "kb": "kb KB kilobyte kilobytes",
    "mb": "MB megabyte megabytes",
    "gb": "GB gigabyte gigabytes",
    "tb": "TB terabyte terabytes",
    "kw": "kW kilowatt kilowatts",
    "w": "W watt watts",
    "kwh": "kWh",
    "v": "V volt volts",
    "hz": "Hz",
    "khz": "kHz",
    "mhz": "MHz",
    "ghz": "GHz",
    "cal": "cal calorie calories",
    "kcal": "kcal",
    "j": "J joule joules",
    "dollar": "$ US$ USD dollar dollars dólar dólares Dollar доллар доллара долларов 美元 ドル",
    "cent": "cent cents ¢",
    "euro": "€ EUR euro euros Euro евро 欧元 ユーロ",
    "yen": "¥ JPY yen 円",
    "yuan": "CNY RMB yuan 元 人民币",
    "rupee": "₹ INR rupee rupees Rs",
    "ruble": "₽ RUB рубль рубля рублей",
    "won": "₩ won",
}  # fmt: skip
_MAGNITUDES = {
    3: "thousand k K Tausend mille mil тысяч тысячи тысяча 千",
    4: "万 萬",
    6: "million millions M Million Millionen millón millones milioni миллион миллиона миллионов",
    8: "亿 億",
    9: "billion billions B bn Milliarde Milliarden milliard milliards миллиард миллиарда "
    "миллиардов",
    12: "trillion trillions",
}

UNIT = {name: unit for unit, names in _NAMES.items() for name in names.split()}
MAGNITUDE = {name: power for power, names in _MAGNITUDES.items() for name in names.split()}


def unit_of(word: str) -> str:
    """The unit that a word names, spelled as given or in lower case; "" for any other word."""
    return UNIT.get(word) or UNIT.get(word.lower(), "")


def magnitude_of(word: str) -> int:
    """The power of ten that a word stands for; 0 for any other word."""
    return MAGNITUDE.get(word) or MAGNITUDE.get(word.lower(), 0)
