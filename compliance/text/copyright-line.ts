import { humpsApart, saysMoreThanAName } from './condition-words';

/**
 * Whether a line says who holds the copyright since when, and nothing else. Such lines differ between copies of a licence and are set
 * aside, so they must not be able to carry a condition: after the mark and the years only names may stand, told by their shape,
 * and none of the words that make a sentence out of them.
 */
export function isCopyrightLine(line: string): boolean {
  if (line.length > MAX_NOTICE) return false;
  if (RIGHTS.test(line)) return true;
  return line
    .replace(/^#+(?=Copyright)/i, '')
    .split(NEXT_NOTICE)
    .every(isNotice);
}

function isNotice(given: string): boolean {
  const notice = given.replace(PART, '');
  const head = HEAD.exec(notice);
  if (!head) return false;
  const rest = notice
    .slice(head[0].length)
    .replace(/all rights reserved\.?/i, '')
    .trim();
  const years = YEARS.exec(rest)?.[0] ?? '';
  const holder = rest.slice(years.length);
  const marked = /\(c\)|©/i.test(head[0]);
  // "COPYRIGHT HOLDERS BE LIABLE" is a line of a disclaimer, not a notice.
  if (!marked && years === '' && !NAMED.test(notice)) return false;
  if (head[0].toLowerCase().startsWith('(c)') && years === '') return false;
  return isHolder(holder);
}

/** Whether words can be the name of a person or an organisation: short, and without a word that grants, forbids or conditions. */
export function isName(words: readonly string[]): boolean {
  return words.length > 0 && words.length <= MAX_NAME_WORDS && !saysMoreThanAName(words.join(' '));
}

/** Longest line that is still taken for a plain copyright notice, in characters. */
const MAX_NOTICE = 200;
/** "the Regents of the University of California and the contributors of the project" has 13 words. */
const MAX_NAME_WORDS = 16;

/** Lines that name nobody. */
const RIGHTS = /^(?:all rights reserved|copyright (?:\(c\) )?(?:the )?(?:contributors|authors))\.?$/i;
const PART =
  /^(?:portions|modifications|modified work|parts|originally|original (?:code|work|library)|port to \w+|\w+ port)\s+(?=copyright\b|©|\(c\))/i;
const HEAD = /^(?:(?:copyright(?: notice)?:?|©|\(c\)|&copy;)[ \t,]*)+/i;
/** Without a mark and a year only "Copyright Somebody"; a wrapped line "Copyright Holder may not …" is part of a sentence. */
const NAMED =
  /^Copyright[ \t]+(?!Holders?\b|Owners?\b|Notices?\b|Laws?\b|Acts?\b|Statements?\b|And\b)(?:\S{0,3}[\p{Lu}\p{Lo}][\p{L}.]|\S+ (?:Inc|Ltd|LLC|GmbH)\b)/u;
const YEARS =
  /^(?:[[<{(]?(?:\d{4}|x{4}|y{4}|years?)[\]>})]?(?:[ \t]*(?:[-,/&+]|to|and)[ \t]*(?:\d{2,4}|y{4}|present|now|current|today))*[,.:;]?[ \t]*)*(?:(?:held )?by[ \t]+)?/i;

/** Words in small letters that stand between names. */
const SMALL_WORDS: ReadonlySet<string> = new Set(
  'a al all and any bvba cli core js at au aux by co contributor contributors contributing author authors community da de del der des developer developers development di do dos du e et for foundation group holder holders in inc individual its la le les limited llc ltd maintainer maintainers many member members of on or other others our owner owners plc present project projects repository respective corporation company affiliates subsidiaries team the their und van various von y zu copyright'.split(
    ' ',
  ),
);
const GROUP = /^(?:cli|contributors|authors|developers|development|team|project|repository|maintainers|community|core|foundation|inc)\b/i;
/** A capital, a digit, a letter of a script without case, an address, a placeholder. */
const NAME_SHAPE = /^[("']*[\p{Lu}\p{Lt}\p{Lo}\d<[{@&+]|[@/]|\w\.\w/u;

/** "Foo Inc.", after which a name ends: what may follow is another name, no sentence. */
const COMPANY_ENDS =
  /\b(?:inc|corp|ltd|llc|co|gmbh|plc|pty|limited|corporation|company)[.]\s+(?!(?:and|or|et|&|the|contributors?|authors?|its|others?|all|ltd|inc|llc|limited|kg|kgaa)\b)[^\s,;(<[&|-]/iu;
/** Where a sentence may end and another begin: "Example. Void in Texas". */
const STOP = /(\S*?)([.!?;:]+)[)"']?\s+(\S+)/gu;
const ABBREVIATIONS: ReadonlySet<string> = new Set(
  'inc corp ltd llc co gmbh plc pty jr sr dr prof mr mrs ms st mt bros dept univ inst lab labs nat assoc intl al ev etc'.split(' '),
);
/** Names that are also words: in front of another name, or behind one, they are names ("Don McCurdy", "Evan You", "Hugh Grant"). */
const WORD_NAME =
  /^(?:Will|Grant|May|Don|Can|Do|Non|No|Sue)\s(?=\p{Lu}[\p{L}.'-]*(?:\s\p{Lu}[\p{L}.'-]*)?$)|(?<=^\p{Lu}[\p{L}.'-]*(?:\s[(]?\p{Lu}[\p{L}.'-]*[)]?)?\s)(?:You|Grant|May|Will|Do|No)(?=$|,|\s(?:and|&)\s)/gu;
/** "Institute for X", "Center for Y". */
const ORGANISATION_FOR =
  /\b(Institute|Center|Centre|Society|Association|Laboratory|Foundation|Council|Agency|Initiative|Organi[sz]ation|Fund|School|Department|Group) (?:for|of) (?:the )?/g;
/** Where the names stand. */
const WHERE_LISTED =
  /,? ?[(<]?(?:\bsee |\b(?:as )?listed in:? |\bas shown by )(?:the )?(?:AUTHORS|CONTRIBUTORS|COPYRIGHT|NOTICE)(?:\.\w{2,3})?(?: file)?\b[)>]?|,? \bas listed in:? (?=https?:)|\[these people\](?=\(https?:)/gi;
const LINK = /\[([^[\]]+)\]\((https?:[^()\s]+)\)/g;
const NEXT_NOTICE = /;\s+(?=(?:[\w ]{1,24} )?(?:copyright\b|©|\(c\)))/i;
/** Names of which a word also stands in conditions. */
const HARMLESS =
  /\b(?:additional|individual|other) (?:contributors|authors)\b|\bHuman Who Codes\b|\bResearch(?=,? (?:Inc|Ltd|LLC|GmbH|Corp|Institute|Group|Foundation|Cent(?:er|re)|Laborator|Council|Labs?)\b)/g;
const ADDRESS =
  /\((?:twitter|github|e-?mail|web|site): ?[^()\s]+\)|<[^<>\s]*[@/][^<>\s]*>|\([^()\s]*[@/][^()\s]*\)|https?:\/\/\S+|\S+@\S+/g;

function isHolder(given: string): boolean {
  const text = given.replace(WHERE_LISTED, ' ').replace(LINK, '$1 $2');
  if ((text.match(ADDRESS) ?? []).some(addressSaysMore)) return false;
  const plain = text.replace(ADDRESS, ' ').trim();
  const name = plain.replace(WORD_NAME, '').replace(ORGANISATION_FOR, '$1 ').replace(HARMLESS, ' ');
  if (saysMoreThanAName(name) || COMPANY_ENDS.test(plain) || endsASentence(plain)) return false;
  const words = plain.split(/\s+/).filter((word) => /[\p{L}\d]/u.test(word));
  if (words.length > MAX_NAME_WORDS) return false;
  return words.every((word, at) => NAME_SHAPE.test(word) || isSmallWord(word) || isUserName(words, at));
}

function isSmallWord(word: string): boolean {
  return SMALL_WORDS.has(word.toLowerCase().replace(/[^a-z]/g, ''));
}

/** A word in small letters that is not usual in a notice is a name where it comes first ("sindresorhus"), or names a group ("the mock team"). */
function isUserName(words: readonly string[], at: number): boolean {
  return words.slice(0, at).every(isSmallWord) || GROUP.test(words[at + 1] ?? '');
}

function endsASentence(text: string): boolean {
  return [...text.matchAll(STOP)].some(([, before = '', stop = '', next = '']) => {
    const word = before.toLowerCase().replace(/[^\p{L}]/gu, '');
    // "Yahoo! Inc."
    if (stop.length === 1 && '!.'.includes(stop) && /^(?:Inc|Corp|Ltd|LLC|GmbH)\b/.test(next)) return false;
    return stop !== '.' || !(word.length <= 3 || ABBREVIATIONS.has(word));
  });
}

/** A condition in an address; names of people and what stands in every address are none. */
function addressSaysMore(address: string): boolean {
  return /commercial|prohibit|restrict|forbid|eula|terms|(?:^|[^a-z.])(?:not?|non|only|sale|paid|buy)(?:$|[^a-z])|resale|resell|militar|evaluation|proprietary|confidential|unlicens|exclud|permitted|purchase|[^\x21-\x7e]/i.test(
    humpsApart(address.replace(/^.*?:(?:\/\/|\s)/, '')).replaceAll(' ', '-'),
  );
}
