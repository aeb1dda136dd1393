//! Numbers as a template says, and read as one says: `to_char(1234.5, '9G999D99')`, `to_number`.
//!
//! A template is a row of digit places with marks between them. Each place takes a digit, a blank or a zero; where the sign
//! goes depends on marks before and behind. The rules are those of PostgreSQL 15, section 9.8, with its C locale: `.` and `,`,
//! and a blank for the currency.
//!
//! ```text
//! to_char(-12.5, '999D99S')     ' 12.50-'
//! to_char(485, 'FMRN')          CDLXXXV
//! to_number('12,454.8-', '99G999D9S')   -12454.8
//! ```

use super::template::ordinal;
use remanent_storage::error::{Error, Result, state};

/// What a mark of a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Comma,
    Point,
    Zero,
    Nine,
    Blank,
    LocalPoint,
    Scientific,
    Fill,
    Group,
    Currency,
    Minus,
    Plus,
    Angle,
    Roman,
    SmallRoman,
    PlusMinus,
    Spell,
    Sign,
    Ordinal,
    SmallOrdinal,
    Shift,
}

/// Longer marks before those they begin with.
static MARKS: &[(&str, Mark)] = &[
    (",", Mark::Comma),
    (".", Mark::Point),
    ("0", Mark::Zero),
    ("9", Mark::Nine),
    ("B", Mark::Blank),
    // Known, and nothing.
    ("C", Mark::Spell),
    ("D", Mark::LocalPoint),
    ("EEEE", Mark::Scientific),
    ("FM", Mark::Fill),
    ("G", Mark::Group),
    ("L", Mark::Currency),
    ("MI", Mark::Minus),
    ("PL", Mark::Plus),
    ("PR", Mark::Angle),
    ("RN", Mark::Roman),
    ("SG", Mark::PlusMinus),
    ("SP", Mark::Spell),
    ("S", Mark::Sign),
    ("TH", Mark::Ordinal),
    ("V", Mark::Shift),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Mark(Mark),
    Char(char),
}

/// Where the locale's sign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SignAt {
    Nowhere,
    Before,
    Behind,
}

/// What the marks of a template say together.
#[derive(Debug, Clone)]
pub struct Template {
    nodes: Vec<Node>,
    /// Digit places before and behind the point.
    pub pre: usize,
    pub post: usize,
    /// Places that V shifts by.
    pub shift: usize,
    sign_at: SignAt,
    /// Places before the sign.
    pre_sign: usize,
    /// The first and last place with a zero, counted from 1.
    zero_start: usize,
    zero_end: usize,
    zero: bool,
    blank: bool,
    point: bool,
    shifted: bool,
    unfilled: bool,
    sign: bool,
    minus: bool,
    plus: bool,
    angle: bool,
    pub roman: bool,
    pub scientific: bool,
}

fn syntax(message: &str) -> Error {
    Error::new(state::SYNTAX_ERROR, message)
}

impl Template {
    pub fn parse(text: &str) -> Result<Template> {
        let mut template = Template {
            nodes: Vec::new(),
            pre: 0,
            post: 0,
            shift: 0,
            sign_at: SignAt::Nowhere,
            pre_sign: 0,
            zero_start: 0,
            zero_end: 0,
            zero: false,
            blank: false,
            point: false,
            shifted: false,
            unfilled: false,
            sign: false,
            minus: false,
            plus: false,
            angle: false,
            roman: false,
            scientific: false,
        };
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some((mark, length)) = mark_of(rest) {
                template.add(mark)?;
                template.nodes.push(Node::Mark(mark));
                rest = rest.get(length..).unwrap_or("");
                continue;
            }
            rest = &rest[c.len_utf8()..];
            if c == '"' {
                let mut chars = rest.chars();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => template.nodes.extend(chars.next().map(Node::Char)),
                        c => template.nodes.push(Node::Char(c)),
                    }
                }
                rest = chars.as_str();
            } else if c == '\\' && rest.starts_with('"') {
                template.nodes.push(Node::Char('"'));
                rest = &rest[1..];
            } else {
                template.nodes.push(Node::Char(c));
            }
        }
        Ok(template)
    }

    fn add(&mut self, mark: Mark) -> Result<()> {
        if self.scientific && mark != Mark::Scientific {
            return Err(syntax("\"EEEE\" must be the last pattern used"));
        }
        match mark {
            Mark::Nine if self.angle => return Err(syntax("\"9\" must be ahead of \"PR\"")),
            Mark::Zero if self.angle => return Err(syntax("\"0\" must be ahead of \"PR\"")),
            Mark::Nine if self.shifted => self.shift += 1,
            Mark::Nine => *self.places() += 1,
            Mark::Zero => {
                if !self.zero && !self.point {
                    (self.zero, self.zero_start) = (true, self.pre + 1);
                }
                *self.places() += 1;
                self.zero_end = self.pre + self.post;
            }
            Mark::Blank => self.blank |= self.pre == 0 && self.post == 0 && !self.zero,
            Mark::Point | Mark::LocalPoint if self.point => return Err(syntax("multiple decimal points")),
            Mark::Point | Mark::LocalPoint if self.shifted => {
                return Err(syntax("cannot use \"V\" and decimal point together"));
            }
            Mark::Point | Mark::LocalPoint => self.point = true,
            Mark::Fill => self.unfilled = true,
            Mark::Sign if self.sign => return Err(syntax("cannot use \"S\" twice")),
            Mark::Sign if self.plus || self.minus || self.angle => {
                return Err(syntax("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together"));
            }
            Mark::Sign => {
                self.sign = true;
                (self.sign_at, self.pre_sign) = match self.point {
                    false => (SignAt::Before, self.pre),
                    true => (SignAt::Behind, 0),
                };
            }
            Mark::Minus if self.sign => return Err(syntax("cannot use \"S\" and \"MI\" together")),
            Mark::Minus => self.minus = true,
            Mark::Plus if self.sign => return Err(syntax("cannot use \"S\" and \"PL\" together")),
            Mark::Plus => self.plus = true,
            Mark::PlusMinus if self.sign => return Err(syntax("cannot use \"S\" and \"SG\" together")),
            Mark::PlusMinus => (self.minus, self.plus) = (true, true),
            Mark::Angle if self.sign || self.plus || self.minus => {
                return Err(syntax("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together"));
            }
            Mark::Angle => self.angle = true,
            Mark::Roman | Mark::SmallRoman => self.roman = true,
            Mark::Shift if self.point => return Err(syntax("cannot use \"V\" and decimal point together")),
            Mark::Shift => self.shifted = true,
            Mark::Scientific if self.scientific => return Err(syntax("cannot use \"EEEE\" twice")),
            Mark::Scientific => {
                let other = self.blank || self.unfilled || self.sign || self.angle || self.minus;
                if other || self.plus || self.roman || self.shifted {
                    return Err(syntax("\"EEEE\" is incompatible with other formats").with_detail(
                        "\"EEEE\" may only be used together with digit and decimal point patterns.",
                    ));
                }
                self.scientific = true;
            }
            Mark::Comma | Mark::Group | Mark::Currency | Mark::Spell | Mark::Ordinal | Mark::SmallOrdinal => {
            }
        }
        Ok(())
    }

    fn places(&mut self) -> &mut usize {
        if self.point { &mut self.post } else { &mut self.pre }
    }

    /// Appends the number: its digits, with a point where there are digits behind it, rounded to the template's places and
    /// shifted.
    pub fn write(&self, negative: bool, digits: &str, post: usize, out: &mut String) {
        let mut template = self.clone();
        template.pre += template.shift;
        template.post = post;
        let before = digits.find('.').unwrap_or(digits.len());
        let blanks = template.pre.saturating_sub(before);
        let digits = match before > template.pre {
            // Too few places.
            true => format!("{}.{}", "#".repeat(template.pre), "#".repeat(template.post)),
            false => digits.to_owned(),
        };
        Writer::new(template, negative, digits.as_bytes(), blanks, out).run();
    }

    /// Appends a number from 1 to 3999 in Roman digits; None: another one.
    pub fn write_roman(&self, value: Option<u32>, out: &mut String) {
        const DIGITS: [(u32, &str); 13] = [
            (1000, "M"),
            (900, "CM"),
            (500, "D"),
            (400, "CD"),
            (100, "C"),
            (90, "XC"),
            (50, "L"),
            (40, "XL"),
            (10, "X"),
            (9, "IX"),
            (5, "V"),
            (4, "IV"),
            (1, "I"),
        ];
        let mut text = String::new();
        match value.filter(|v| (1..=3999).contains(v)) {
            Some(mut left) => {
                for (worth, digits) in DIGITS {
                    while left >= worth {
                        text.push_str(digits);
                        left -= worth;
                    }
                }
            }
            None => text.push_str("###############"),
        }
        for node in &self.nodes {
            match node {
                Node::Char(c) => out.push(*c),
                Node::Mark(mark @ (Mark::Roman | Mark::SmallRoman)) => {
                    let width = if self.unfilled { 0 } else { 15 };
                    let text = if *mark == Mark::Roman { text.clone() } else { text.to_ascii_lowercase() };
                    out.push_str(&format!("{text:>width$}"));
                }
                Node::Mark(Mark::Comma | Mark::Group | Mark::Currency) if !self.unfilled => out.push(' '),
                Node::Mark(_) => {}
            }
        }
    }
}

/// The mark at the beginning of the text, and its length.
fn mark_of(text: &str) -> Option<(Mark, usize)> {
    for (word, mark) in MARKS {
        let Some(part) = text.get(..word.len()) else { continue };
        if part == *word {
            return Some((*mark, word.len()));
        }
        if part.bytes().eq(word.bytes().map(|b| b.to_ascii_lowercase())) {
            let mark = match mark {
                Mark::Roman => Mark::SmallRoman,
                Mark::Ordinal => Mark::SmallOrdinal,
                other => *other,
            };
            return Some((mark, word.len()));
        }
    }
    None
}

/// Fills the places of a template from left to right.
struct Writer<'a> {
    template: Template,
    negative: bool,
    digits: &'a [u8],
    /// The next digit.
    at: usize,
    /// Places before the first digit.
    blanks: usize,
    /// Places so far, and how many there are.
    place: usize,
    places: usize,
    sign_written: bool,
    /// A digit was written.
    within: bool,
    /// The last digit worth writing, or the point.
    last: Option<usize>,
    out: &'a mut String,
}

impl<'a> Writer<'a> {
    fn new(
        mut template: Template,
        negative: bool,
        digits: &'a [u8],
        blanks: usize,
        out: &'a mut String,
    ) -> Self {
        template.zero_start = template.zero_start.saturating_sub(1);
        let sign_written = if template.plus || template.minus {
            template.minus
        } else {
            if !negative && template.unfilled {
                template.angle = false;
            }
            if template.sign_at == SignAt::Before && template.pre == template.pre_sign {
                template.sign_at = SignAt::Behind;
            }
            !negative && template.unfilled && !template.sign
        };
        let mut places = (template.post + template.pre).saturating_sub(1);
        let mut last = None;
        if template.unfilled && template.point {
            last = last_worth(digits);
            if let Some(worth) = last
                && template.zero_end > blanks
            {
                last = Some(worth.max((digits.len().saturating_sub(1)).min(template.zero_end - blanks)));
            }
        }
        if !sign_written && blanks == 0 {
            places += 1;
        }
        Writer {
            template,
            negative,
            digits,
            at: 0,
            blanks,
            place: 0,
            places,
            sign_written,
            within: false,
            last,
            out,
        }
    }

    fn run(mut self) {
        for node in self.template.nodes.clone() {
            let unfilled = self.template.unfilled;
            match node {
                Node::Char(c) => self.out.push(c),
                Node::Mark(mark @ (Mark::Nine | Mark::Zero | Mark::Point | Mark::LocalPoint)) => {
                    self.digit(mark)
                }
                Node::Mark(Mark::Comma | Mark::Group) => match self.within {
                    true => self.out.push(','),
                    false if unfilled => {}
                    false => self.out.push(' '),
                },
                Node::Mark(Mark::Currency) => self.out.push(' '),
                Node::Mark(mark @ (Mark::Ordinal | Mark::SmallOrdinal)) => {
                    if self.digits.first() == Some(&b'#') || self.negative || self.template.point {
                        continue;
                    }
                    let ending = ordinal(std::str::from_utf8(self.digits).unwrap_or(""));
                    match mark {
                        Mark::Ordinal => self.out.push_str(&ending.to_ascii_uppercase()),
                        _ => self.out.push_str(ending),
                    }
                }
                Node::Mark(Mark::Minus) => self.mark(self.negative, '-'),
                Node::Mark(Mark::Plus) => self.mark(!self.negative, '+'),
                Node::Mark(Mark::PlusMinus) => self.out.push(if self.negative { '-' } else { '+' }),
                Node::Mark(_) => {}
            }
        }
    }

    fn mark(&mut self, there: bool, c: char) {
        match there {
            true => self.out.push(c),
            false if self.template.unfilled => {}
            false => self.out.push(' '),
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.digits.get(at).copied().unwrap_or(0)
    }

    /// True where a zero before the point is not written: ` .1`.
    fn hides_zero(&self) -> bool {
        !self.template.zero && self.at == 0 && self.byte(0) == b'0' && self.template.post != 0
    }

    fn last_is_point(&self) -> bool {
        self.last.is_some_and(|last| self.byte(last) == b'.')
    }

    fn sign_char(&self) -> char {
        if self.negative { '-' } else { '+' }
    }

    fn write_sign(&mut self) {
        let begun =
            self.place >= self.blanks || (self.template.zero && self.template.zero_start == self.place);
        if self.sign_written || !begun || (self.hides_zero() && !self.last_is_point()) {
            return;
        }
        if self.template.sign {
            if self.template.sign_at == SignAt::Before {
                self.out.push(self.sign_char());
                self.sign_written = true;
            }
            return;
        }
        self.sign_written = true;
        match (self.template.angle, self.negative) {
            (true, negative) => self.out.push(if negative { '<' } else { ' ' }),
            (false, true) => self.out.push('-'),
            (false, false) if !self.template.unfilled => self.out.push(' '),
            (false, false) => {}
        }
    }

    fn digit(&mut self, mark: Mark) {
        self.within = false;
        self.write_sign();
        let early = self.place < self.blanks;
        let zero_from = self.template.zero_start;
        if early && (zero_from > self.place || !self.template.zero) {
            if !self.template.unfilled {
                self.out.push(' ');
            }
        } else if early {
            self.out.push('0');
            self.within = true;
        } else {
            self.own_digit(mark);
            if self.at < self.digits.len() {
                self.at += 1;
            }
        }
        let mut end = self.places + usize::from(self.blanks > 0) + usize::from(self.template.point);
        if self.last == Some(self.at) {
            end = self.place;
        }
        if self.place + 1 == end {
            if self.sign_written && self.template.angle {
                self.out.push(if self.negative { '>' } else { ' ' });
            } else if self.template.sign && self.template.sign_at == SignAt::Behind {
                self.out.push(self.sign_char());
            }
        }
        self.place += 1;
    }

    fn own_digit(&mut self, mark: Mark) {
        if self.byte(self.at) == b'.' {
            if !self.last_is_point() || self.template.unfilled {
                self.out.push('.');
            }
        } else if self.last.is_some_and(|last| self.at > last) && mark != Mark::Zero {
        } else if self.hides_zero() {
            if !self.template.unfilled {
                self.out.push(' ');
            } else if self.last_is_point() {
                self.out.push('0');
            }
        } else if self.at < self.digits.len() {
            self.out.push(char::from(self.byte(self.at)));
            self.within = true;
        }
    }
}

/// The last digit behind the point that is not 0, or the point; None without a point.
fn last_worth(digits: &[u8]) -> Option<usize> {
    let point = digits.iter().position(|&b| b == b'.')?;
    let behind = digits.get(point..).unwrap_or_default();
    behind.iter().rposition(|&b| b != b'0').map(|at| point + at)
}

/// The digits, sign and point of a number that is written as the template says; how many stand behind the point.
pub fn read(template: &Template, text: &str) -> Result<String> {
    for (present, name) in [(template.scientific, "EEEE"), (template.roman, "RN")] {
        if present {
            let message = format!("\"{name}\" not supported for input");
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
    }
    let chars: Vec<char> = text.chars().collect();
    let mut reader = Reader {
        template,
        chars: &chars,
        at: 0,
        sign: ' ',
        digits: String::new(),
        before: 0,
        behind: 0,
        point: false,
    };
    for node in &template.nodes {
        if reader.at >= chars.len() {
            break;
        }
        reader.node(*node);
    }
    let digits = reader.digits.strip_suffix('.').unwrap_or(&reader.digits);
    Ok(format!("{}{digits}", reader.sign))
}

struct Reader<'a> {
    template: &'a Template,
    chars: &'a [char],
    at: usize,
    sign: char,
    digits: String,
    before: usize,
    behind: usize,
    point: bool,
}

impl Reader<'_> {
    fn here(&self) -> char {
        self.chars.get(self.at).copied().unwrap_or('\0')
    }

    fn skip(&mut self, most: usize) {
        for _ in 0..most {
            if self.at >= self.chars.len() || "0123456789.,+-".contains(self.here()) {
                break;
            }
            self.at += 1;
        }
    }

    fn node(&mut self, node: Node) {
        let signs: &[char] = match node {
            Node::Char(_) => {
                self.at += 1;
                return;
            }
            Node::Mark(Mark::Nine | Mark::Zero | Mark::Point | Mark::LocalPoint) => {
                self.digit(node == Node::Mark(Mark::Nine) || node == Node::Mark(Mark::Zero));
                self.at += 1;
                return;
            }
            Node::Mark(Mark::Comma | Mark::Group) => {
                // Digits before it are never marked as such while reading.
                if !self.template.unfilled && self.here() == ',' {
                    self.at += 1;
                }
                return;
            }
            Node::Mark(Mark::Currency) => return self.skip(1),
            Node::Mark(Mark::Ordinal | Mark::SmallOrdinal) => {
                if self.sign != '-' && !self.template.point {
                    self.skip(2);
                }
                return;
            }
            Node::Mark(Mark::Minus) => &['-'],
            Node::Mark(Mark::Plus) => &['+'],
            Node::Mark(Mark::PlusMinus) => &['-', '+'],
            Node::Mark(_) => return,
        };
        match signs.contains(&self.here()) {
            true => {
                self.sign = self.here();
                self.at += 1;
            }
            false => self.skip(1),
        }
    }

    fn over(&self) -> bool {
        self.at >= self.chars.len()
    }

    fn digit(&mut self, place: bool) {
        if self.here() == ' ' {
            self.at += 1;
        }
        let template = self.template;
        if !self.over() && self.sign == ' ' && place && self.before + self.behind == 0 {
            let c = self.here();
            let locale = template.sign && template.sign_at == SignAt::Before;
            if locale && matches!(c, '-' | '+') || !locale && !template.sign && matches!(c, '-' | '+') {
                self.sign = c;
                self.at += 1;
            } else if !locale && (c == '-' || c == '+' || template.angle && c == '<') {
                self.sign = if c == '<' { '-' } else { c };
                self.at += 1;
            }
        }
        if self.over() {
            return;
        }
        let (c, mut taken) = (self.here(), false);
        if c.is_ascii_digit() {
            if self.point && self.behind == template.post {
                return;
            }
            self.digits.push(c);
            *(if self.point { &mut self.behind } else { &mut self.before }) += 1;
            taken = true;
        } else if template.point && !self.point && c == '.' {
            self.digits.push('.');
            (self.point, taken) = (true, true);
        }
        if self.sign != ' ' || self.before + self.behind == 0 {
            return;
        }
        let next = self.chars.get(self.at + 1).copied();
        if template.sign && taken && next.is_some_and(|c| !c.is_ascii_digit()) {
            if let Some(sign @ ('-' | '+')) = next {
                self.sign = sign;
                self.at += 1;
            }
        } else if !taken && !template.sign && (template.plus || template.minus) && matches!(c, '-' | '+') {
            self.sign = c;
        }
    }
}
