"""Whisper's languages in their own names."""

from __future__ import annotations

COMMON = ("en", "es", "zh", "hi", "ar", "pt", "fr", "de", "ja", "ko", "it", "ru", "tr", "nl", "pl")
"""The ones that most people look for, first in the list."""

NAMES: dict[str, tuple[str, str]] = {
    "af": ("Afrikaans", "Afrikaans"),
    "am": ("አማርኛ", "Amharic"),
    "ar": ("العربية", "Arabic"),
    "as": ("অসমীয়া", "Assamese"),
    "az": ("Azərbaycanca", "Azerbaijani"),
    "ba": ("Башҡортса", "Bashkir"),
    "be": ("Беларуская", "Belarusian"),
    "bg": ("Български", "Bulgarian"),
    "bn": ("বাংলা", "Bengali"),
    "bo": ("བོད་སྐད་", "Tibetan"),
    "br": ("Brezhoneg", "Breton"),
    "bs": ("Bosanski", "Bosnian"),
    "ca": ("Català", "Catalan"),
    "cs": ("Čeština", "Czech"),
    "cy": ("Cymraeg", "Welsh"),
    "da": ("Dansk", "Danish"),
    "de": ("Deutsch", "German"),
    "el": ("Ελληνικά", "Greek"),
    "en": ("English", "English"),
    "es": ("Español", "Spanish"),
    "et": ("Eesti", "Estonian"),
    "eu": ("Euskara", "Basque"),
    "fa": ("فارسی", "Persian"),
    "fi": ("Suomi", "Finnish"),
    "fo": ("Føroyskt", "Faroese"),
    "fr": ("Français", "French"),
    "gl": ("Galego", "Galician"),
    "gu": ("ગુજરાતી", "Gujarati"),
    "ha": ("Hausa", "Hausa"),
    "haw": ("ʻŌlelo Hawaiʻi", "Hawaiian"),
    "he": ("עברית", "Hebrew"),
    "hi": ("हिन्दी", "Hindi"),
    "hr": ("Hrvatski", "Croatian"),
    "ht": ("Kreyòl ayisyen", "Haitian Creole"),
    "hu": ("Magyar", "Hungarian"),
    "hy": ("Հայերեն", "Armenian"),
    "id": ("Bahasa Indonesia", "Indonesian"),
    "is": ("Íslenska", "Icelandic"),
    "it": ("Italiano", "Italian"),
    "ja": ("日本語", "Japanese"),
    "jw": ("Basa Jawa", "Javanese"),
    "ka": ("ქართული", "Georgian"),
    "kk": ("Қазақша", "Kazakh"),
    "km": ("ខ្មែរ", "Khmer"),
    "kn": ("ಕನ್ನಡ", "Kannada"),
    "ko": ("한국어", "Korean"),
    "la": ("Latina", "Latin"),
    "lb": ("Lëtzebuergesch", "Luxembourgish"),
    "ln": ("Lingála", "Lingala"),
    "lo": ("ລາວ", "Lao"),
    "lt": ("Lietuvių", "Lithuanian"),
    "lv": ("Latviešu", "Latvian"),
    "mg": ("Malagasy", "Malagasy"),
    "mi": ("Te reo Māori", "Maori"),
    "mk": ("Македонски", "Macedonian"),
    "ml": ("മലയാളം", "Malayalam"),
    "mn": ("Монгол", "Mongolian"),
    "mr": ("मराठी", "Marathi"),
    "ms": ("Bahasa Melayu", "Malay"),
    "mt": ("Malti", "Maltese"),
    "my": ("မြန်မာ", "Burmese"),
    "ne": ("नेपाली", "Nepali"),
    "nl": ("Nederlands", "Dutch"),
    "nn": ("Norsk nynorsk", "Norwegian Nynorsk"),
    "no": ("Norsk", "Norwegian"),
    "oc": ("Occitan", "Occitan"),
    "pa": ("ਪੰਜਾਬੀ", "Punjabi"),
    "pl": ("Polski", "Polish"),
    "ps": ("پښتو", "Pashto"),
    "pt": ("Português", "Portuguese"),
    "ro": ("Română", "Romanian"),
    "ru": ("Русский", "Russian"),
    "sa": ("संस्कृतम्", "Sanskrit"),
    "sd": ("سنڌي", "Sindhi"),
    "si": ("සිංහල", "Sinhala"),
    "sk": ("Slovenčina", "Slovak"),
    "sl": ("Slovenščina", "Slovenian"),
    "sn": ("ChiShona", "Shona"),
    "so": ("Soomaali", "Somali"),
    "sq": ("Shqip", "Albanian"),
    "sr": ("Српски", "Serbian"),
    "su": ("Basa Sunda", "Sundanese"),
    "sv": ("Svenska", "Swedish"),
    "sw": ("Kiswahili", "Swahili"),
    "ta": ("தமிழ்", "Tamil"),
    "te": ("తెలుగు", "Telugu"),
    "tg": ("Тоҷикӣ", "Tajik"),
    "th": ("ไทย", "Thai"),
    "tk": ("Türkmençe", "Turkmen"),
    "tl": ("Tagalog", "Tagalog"),
    "tr": ("Türkçe", "Turkish"),
    "tt": ("Татарча", "Tatar"),
    "uk": ("Українська", "Ukrainian"),
    "ur": ("اردو", "Urdu"),
    "uz": ("Oʻzbekcha", "Uzbek"),
    "vi": ("Tiếng Việt", "Vietnamese"),
    "yi": ("ייִדיש", "Yiddish"),
    "yo": ("Yorùbá", "Yoruba"),
    "yue": ("粵語", "Cantonese"),
    "zh": ("中文", "Chinese"),
}
"""Whisper's code -> (the name in the language itself, in English). "jw" is Whisper's Javanese."""


def native_name(code: str) -> str:
    """How its speakers write a language; the code itself if it is unknown."""
    return NAMES[code][0] if code in NAMES else code


def search_name(code: str) -> str:
    """The native name with the English one behind it, so that either finds it."""
    native, english = NAMES.get(code, (code, code))
    return native if native == english else f"{native} ({english})"


def ordered() -> list[str]:
    """The common languages, then all others by their English names."""
    others = sorted((c for c in NAMES if c not in COMMON), key=lambda c: NAMES[c][1])
    return [*COMMON, *others]
