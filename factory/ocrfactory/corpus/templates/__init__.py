r"""Templates: regular expressions that write instead of reading, with typed parts.

    abc            itself; so are . + * ^ $ and all other characters that are not in this list
    \{ \< \\       the character behind the backslash
    [가-힣A-Z0-9]   one character of a class; [A-Z] and [\]] as one expects, no negation
    (a|b|)         one of the branches, each as often as every other; a template may also branch without parentheses
    x?             x or nothing
    x{3} x{1,4}    x so many times; at most 100. x is a character, a class, a group or a part
    <int 1..9999>  a part, by its name and arguments:

    | part | gives |
    |---|---|
    | `<int 1..9999>` | a whole number; `<int 1000..9999999 ,>` with thousands separators |
    | `<math>`, `<math 3>` | an expression with 1 or 2, or exactly 3, operators, and its right value: 12 + 7 × 3 = 33 |
    | `<latex>` | a formula in LaTeX with balanced braces: \frac{3}{x^{2}} |
    | `<word ko>` | a word of a built-in corpus: en, ja, ko, zh-Hant |
    | `<money ko>` | an amount of money: en, ja, ko, zh |
    | `<date ko>` | a date that exists: en, ja, ko, zh, iso, slash |
    | `<time>`, `<time ko>` | a time of day: plain, en, ja, ko, zh |
    | `<phone ko>` | a telephone number: en, ja, ko, zh |
    | `<plate ko>` | a number plate: ja, ko, zh |
    | `<unit>` | a number with its unit |

The branches of a template come in turn, so as many texts as it has branches show all of them. What is money in Korea is
a template too; local.py lists them.
"""

from ocrfactory.corpus.templates.errors import TemplateError
from ocrfactory.corpus.templates.match import matches
from ocrfactory.corpus.templates.parse import parse
from ocrfactory.corpus.templates.write import Writer

__all__ = ["TemplateError", "Writer", "matches", "parse"]
