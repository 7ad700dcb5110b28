"""What people of a language write: amounts of money, dates, times, telephone numbers, number plates, units.

Each is a template. The key is what stands behind the name in the angle brackets. American telephone numbers are of the
block 555-01 that is kept for fiction.
"""

from __future__ import annotations


def _days(month: str, day: str) -> str:
    """Month and day of a common year. The day is `<d>` in the ending, the month comes before `month`."""
    ends = ((31, "([13578]|1[02])"), (30, "([469]|11)"), (28, "2"))
    return "(" + "|".join(f"{months}{month}<int 1..{last}>{day}" for last, months in ends) + ")"


_YEAR = "<int 1950..2039>"
_TWO_DIGIT_DAYS = (
    "((0[13578]|1[02]){0}(0[1-9]|[12][0-9]|3[01])|(0[469]|11){0}(0[1-9]|[12][0-9]|30)|02{0}(0[1-9]|1[0-9]|2[0-8]))"
)
_LONG_MONTHS = "January|March|May|July|August|October|December"
_DAY_EN = f"(({_LONG_MONTHS}) <int 1..31>|(April|June|September|November) <int 1..30>|February <int 1..28>)"
_SHORT_EN = "(<int 1..31> (Jan|Mar|May|Jul|Aug|Oct|Dec)|<int 1..30> (Apr|Jun|Sep|Nov)|<int 1..28> Feb)"
_MINUTE = "[0-5][0-9]"
_CLOCK = f"([01][0-9]|2[0-3]):{_MINUTE}"
_HALF = "<int 1..12>"
_PLATE_KO = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자하허호배"

LOCAL: dict[str, dict[str, str]] = {
    "money": {
        "ko": "(<int 100..9999999 ,>원|₩<int 1000..999999 ,>|<int 1..999>만 원|<int 1..99>만 <int 1..9>천 원"
        "|<int 1..999 ,>억 원)",
        "en": "($<int 1..9999 ,>.[0-9]{2}|$<int 1..99999 ,>|£<int 1..999>.[0-9]{2}|€<int 1..9999 ,>"
        "|<int 1..99>.[0-9] million dollars)",
        "ja": "(¥<int 100..999999 ,>|<int 100..999999 ,>円|<int 1..999>万円|<int 1..99>万<int 1..9>,[1-9]00円"
        "|税込<int 100..99999 ,>円)",
        "zh": "(NT$<int 10..999999 ,>|<int 10..99999 ,>元|新臺幣<int 100..999999 ,>元|<int 1..999>萬元"
        "|每[包盒斤份]<int 10..999>元)",
    },
    "date": {
        "ko": f"({_YEAR}년 {_days('월 ', '일')}|{_YEAR}. {_days('. ', '.')}"
        f"|{_days('월 ', '일')}\\([월화수목금토일]\\))",
        "en": f"({_DAY_EN}, {_YEAR}|{_SHORT_EN} {_YEAR}|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, {_DAY_EN})",
        "ja": f"({_YEAR}年{_days('月', '日')}"
        f"|令和<int 2..12>年{_days('月', '日')}|{_days('月', '日')}\\([月火水木金土日]\\))",
        "zh": f"({_YEAR}年{_days('月', '日')}"
        f"|民國<int 60..125>年{_days('月', '日')}|{_days('月', '日')}（[一二三四五六日]）)",
        "iso": f"{_YEAR}-{_TWO_DIGIT_DAYS.format('-')}",
        "slash": f"{_YEAR}/{_TWO_DIGIT_DAYS.format('/')}",
    },
    "time": {
        "": f"{_CLOCK}(:{_MINUTE})?",
        "ko": f"((오전|오후) {_HALF}시( <int 1..59>분)?|(오전|오후) {_HALF}:{_MINUTE}|{_HALF}시 반)",
        "en": f"({_HALF}:{_MINUTE} ([AP]M|[ap]\\.m\\.)|{_HALF} o'clock|half past (two|three|four|six|nine|ten))",
        "ja": f"((午前|午後){_HALF}時(<int 1..59>分)?|<int 0..23>時{_MINUTE}分|{_HALF}時半)",
        "zh": f"((上午|下午|晚上){_HALF}點(<int 1..59>分)?|{_HALF}點半|{_HALF}時{_MINUTE}分)",
    },
    "phone": {
        "ko": "(010-[2-9][0-9]{3}-[0-9]{4}|02-[2-9][0-9]{2,3}-[0-9]{4}|0(3[1-3]|4[1-4]|5[1-5]|6[1-4])-[2-9][0-9]{2}"
        "-[0-9]{4}|1(5|6)[0-9]{2}-[0-9]{4})",
        "en": "(\\([2-9][0-9]{2}\\) 555-01[0-9]{2}|[2-9][0-9]{2}-555-01[0-9]{2}|\\+1 [2-9][0-9]{2} 555 01[0-9]{2})",
        "ja": "(0[789]0-[1-9][0-9]{3}-[0-9]{4}|0[36]-[3-6][0-9]{3}-[0-9]{4}|0120-[0-9]{3}-[0-9]{3})",
        "zh": "(09[0-9]{2}-[0-9]{3}-[0-9]{3}|\\(02\\) 2[0-9]{3}-[0-9]{4}|0[3-7]-[2-9][0-9]{2}-[0-9]{4})",
    },
    "plate": {
        "ko": f"([0-9]{{2,3}}[{_PLATE_KO}] [0-9]{{4}}|(서울|부산|대구|인천|경기|강원) [0-9]{{2}}[바사아자] [0-9]{{4}})",
        "ja": "(品川|横浜|札幌|大阪|京都|福岡|名古屋) [35][0-9]{2} "
        "[さすせそたちつてとなにぬねのはひふほまみむめもやゆらりるろ] [1-9][0-9]-[0-9]{2}",
        "zh": "([A-HJ-NP-Z]{3}-[0-9]{4}|[0-9]{4}-[A-HJ-NP-Z]{2})",
    },
    "unit": {
        "": "(<int 1..999> ?(kg|g|mg|t|km|m|cm|mm|L|mL|kcal|W|kW|V|Hz|GB|MB|dpi|km/h)"
        "|<int 0..99>.[0-9] ?(kg|g|km|cm|mm|L)"
        "|<int 0..100>(%|°C)|<int 1..999> ?m[²³]|<int 1..60> ?(min|s|ms))",
    },
}
