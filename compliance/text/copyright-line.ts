/**
 * Whether a line says who holds the copyright since when, and nothing else. Such lines differ between copies of a licence and are set
 * aside, so they must not be able to carry a condition: after the mark and the years only a name may stand, told by its shape,
 * and none of the words that make a sentence out of it.
 */
export function isCopyrightLine(line: string): boolean {
  if (line.length > MAX_NOTICE) return false;
  if (RIGHTS.test(line)) return true;
  const head = HEAD.exec(line);
  if (!head) return false;
  const rest = line
    .slice(head[0].length)
    .replace(/all rights reserved\.?/i, '')
    .trim();
  const years = YEARS.exec(rest)?.[0] ?? '';
  const holder = rest.slice(years.length);
  const marked = /\(c\)|©/i.test(head[0]);
  // "COPYRIGHT HOLDERS BE LIABLE" is a line of a disclaimer, not a notice.
  if (!marked && years === '' && !NAMED.test(line)) return false;
  if (head[0].toLowerCase().startsWith('(c)') && years === '') return false;
  return isHolder(holder);
}

/** Whether words can be the name of a person or an organisation: short, and without a word that grants, forbids or conditions. */
export function isName(words: readonly string[]): boolean {
  return words.length > 0 && words.length <= MAX_NAME_WORDS && !saysMore(words.join(' '));
}

/** Longest line that is still taken for a plain copyright notice, in characters. */
const MAX_NOTICE = 200;
/** "the Regents of the University of California and the contributors of the project" has 13 words. */
const MAX_NAME_WORDS = 16;
/** Words in small letters that are not usual in a notice: user names such as "sindresorhus". */
const MAX_SMALL_WORDS = 2;

const RIGHTS = /^all rights reserved\.?$/i;
const HEAD = /^(?:(?:portions|modifications|parts|originally)\s+)?(?:(?:copyright(?: notice)?:?|©|\(c\)|&copy;)[ \t,]*)+/i;
/** Without a mark and a year only "Copyright Somebody"; a wrapped line "Copyright Holder may not …" is part of a sentence. */
const NAMED =
  /^Copyright[ \t]+(?!Holders?\b|Owners?\b|Notices?\b|Laws?\b|Acts?\b|Statements?\b|And\b)(?:\S{0,3}[\p{Lu}\p{Lo}][\p{L}.]|\S+ (?:Inc|Ltd|LLC|GmbH)\b)/u;
const YEARS =
  /^(?:[[<{(]?(?:\d{4}|x{4}|y{4}|years?)[\]>})]?(?:[ \t]*(?:[-,/&+]|to|and)[ \t]*(?:\d{2,4}|y{4}|present|now|current|today))*[,.:;]?[ \t]*)*(?:(?:held )?by[ \t]+)?/i;

const SAYS_MORE =
  /\b(?:not|no|non|nobody|none|anyone|everyone|only|must|may|shall|should|can|cannot|will|do|does|don|prohib\w*|restrict\w*|forbid\w*|ban(?:s|ned)?|allow\w*|commercial\w*|comer[cz]ia\w*|kommerzi\w*|gewerb\w*|nicht|nur|kein\w*|verboten|untersagt|interdit\w*|sauf|uso|solo|except\w*|without|within|grant\w*|permi\w+|licen[cs]\w*|unlicen\w*|use[ds]?|users?|usage|using|sell\w*|sold|subject|condition\w*|provid\w*|term\w*|agree\w*|consent\w*|approv\w*|requir\w*|unless|if|for|under|military|weapon\w*|nuclear|research|academic|education\w*|teach\w*|student\w*|personal\w*|private\w*|internal\w*|evaluation|trial|expir\w*|fee|pay\w*|royalt\w*|patent\w*|revo\w+|void|right to|rights? (?!reserved)|redistribut\w*|distribut\w*|reproduc\w*|publish\w*|disclos\w*|modif\w*|derivative\w*|copies|copy|proprietary|confidential|secret|exclusiv\w*|evil|commons|clause|warrant\w*|liab\w*|additional\w*|limit(?:s|ations?)?|purpose\w*|export|you|your)\b/i;

/** Words in small letters that stand between names. */
const SMALL_WORDS: ReadonlySet<string> = new Set(
  'a al all and any at au aux by co contributor contributors contributing author authors community da de del der des developer developers di do dos du e et foundation group holder holders in inc individual its la le les limited llc ltd maintainer maintainers member members of on or other others our owner owners plc present project projects respective corporation company affiliates subsidiaries team the their und van various von y zu copyright'.split(
    ' ',
  ),
);
/** A capital, a digit, a letter of a script without case, an address, a placeholder. */
const NAME_SHAPE = /^[\p{Lu}\p{Lt}\p{Lo}\d<[({@&+"']|[@/]|\w\.\w/u;

/** Conditions in scripts that have no spaces or no case, as far as they are usual. */
const SAYS_MORE_ELSEWHERE = /[仅僅禁不非限]|商业|商用|商業|学术|研究|только|запрещ|некоммерч/iu;
const INVISIBLE = /[\p{Cf}\p{Cc}\p{Co}]/u;

/** Whether words say more than a name: by a word that conditions, also when joined by signs, and by letters that pretend to be others. */
function saysMore(text: string): boolean {
  const spaced = text.replace(/[^\p{L}\p{M}\d']+/gu, ' ');
  if (SAYS_MORE.test(spaced) || SAYS_MORE_ELSEWHERE.test(text) || INVISIBLE.test(text)) return true;
  return spaced.split(' ').some((word) => /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word));
}

function isHolder(text: string): boolean {
  const plain = text.replace(/<[^<>\s]*[@/][^<>\s]*>|\([^()\s]*[@/][^()\s]*\)|https?:\/\/\S+|\S+@\S+/g, ' ');
  if (saysMore(plain)) return false;
  // A sentence ends and another begins: "Example. Void in Texas". Abbreviations ("Corp. and others") are shorter.
  if (/\p{Ll}{4,}[.!?;:]\s+\S/u.test(plain)) return false;
  const words = plain.split(/\s+/).filter((word) => /[\p{L}\d]/u.test(word));
  if (words.length > MAX_NAME_WORDS) return false;
  const small = words.filter((word) => !NAME_SHAPE.test(word) && !SMALL_WORDS.has(word.toLowerCase().replace(/[^a-z]/g, '')));
  return small.length <= MAX_SMALL_WORDS;
}
