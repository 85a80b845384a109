/**
 * Words that make a sentence, a condition or another licence out of what stands where only a name belongs. A copyright line that holds one of
 * them is not set aside: its words then count as words that the licence does not have. Beginnings end in `*`. Wrong in the direction of
 * refusing: a holder called "Only Ltd" is not recognised, and somebody has to read that file.
 */
const CONDITIONS: Readonly<Record<string, string>> = {
  grants:
    'grant grants granted granting permi* allow allows allowed allowing licen* unlicen* authori* sublicen* right rights use used uses user users usage using reuse* consent* approv* agree* accept* waive* royalt* patent*',
  refuses:
    'not no non nobody none nothing never cannot can prohib* restrict* forbid* forbad* bans banned except* exclud* exclus* without void voids voided null nullif* invalid* revo* terminat* expir* denied denies denial deny refus* reject* barred barring bars off away out keep keeps keeping stay stays steer hands embargo* sanction* itar ear99 nda classified leaked stolen anti*',
  demands:
    'only must may shall should will do does don need needs mandat* compuls* oblig* required requires requirement* requiring necessar* subject condition* provide provides provided providing term terms unless if for under ask contact please notify inform attribut* acknowledg* advert* preserv* retain* remov* delet* pay pays paid payment* payable fee fees buy buys bought purchas* donat* charge charges charged cost costs rent rents rental rented lease leases leased leasing subscri* invoice* refund* owe owes owed indemn* guarant* audit* register* solely tax taxed taxes taxable revenue* usd eur gbp dollar* euro euros price* priced pricing credit* backlink* watermark* through lapse* sunset*',
  acts: 'sell sells selling sold sale sales resell* resale redistribut* distribut* reproduc* publish* disclos* modif* alter alters altered altering change changes changed changing derivative* copy copies copied copying fork forks deploy* host hosting hosted embed embedding compile compiled decompil* reverse benchmark* scrape* scraping crawl* train training trained trains mine mining export* import*',
  purposes:
    'commercial* noncommerc* nonprofit* profit* monet* military weapon* nuclear war warfare kill kills killing harm harms harmful evil surveillance research academic education* teach* student* personal* private* internal* evaluation trial demo preview hobby* purpose* proprietary confidential secret secrets unlawful noncompet* peaceful ethical hippocratic seat seats household domestic oem customer* subscriber* employee* citizen* adult adults tester* evaluator* vegan* privat beta sample samples prototype* viewing reading look guys ages cpu cpus machines postcard* shareware beerware postcardware careware donationware nagware crippleware trialware adware charityware edition editions',
  licences:
    'gpl* nc tos drm trademark* agpl* lgpl* sspl* eula* busl* mpl epl eupl cddl cc sharealike polyform commons clause clauses copyleft* warrant* liab* limit limits limitation* additional*',
  sentence:
    'is are was were be been being has have had this that which whoever whatever whom whose who where when while before after until during because you your yours anyone anybody everyone everybody someone somebody else every always above below hereby herein hereof thereof hereunder therefore however although',
  french: 'hors lucratif interdi* vente vendre utilis* autoris* uniquement seulement sauf',
  german:
    'fur nicht kein* ohne verbot* verkauf* nutzung* benutz* erlaub* gestattet ausschlie* zweck* kommerzi* gewerb* untersagt forschung nichtkommerz* privatgebrauch',
  spanish: 'lucro fines venta vender uso solo solamente autoriz* comercia* comerzia* excepto',
  portuguese: 'fins proib* venda somente apenas',
  italian: 'vietat* divieto senza vendita autorizz* soltanto',
  dutch: 'verbod* alleen niet geen gebruik*',
  northern: 'icke kaupalli* vain yksityi* forbud* endast ikke ikkje',
  polish: 'zakaz* zabroni* tylko wolno',
  turkish: 'yasak* sadece ticari',
  indonesian: 'dilarang hanya komersial',
};

/** Of words that are harmless by themselves. */
const PHRASES = ['by nc', '(?:source|code) available', '(?:business|ethical|fair|functional) (?:source|core)'];

/** Money and shares are no part of a name. */
const AMOUNT = /[\p{Sc}%‰]/u;

/** Conditions in scripts that write without spaces or in other letters. */
const OTHER_SCRIPTS =
  /[仅僅禁不非限勿]|商业|商用|商業|学术|學術|研究|専用|のみ|許可|금지|상업|비영리|전용|허가|용도|запрещ|запрет|некоммерч|коммерч|использ|только|нельзя|заборон|лише|απαγορ|εμπορικ|μονο|ممنوع|تجاري|فقط|يحظر|אסור|מסחרי|בלבד|निषिद्ध|वाणिज्यिक|केवल|ห้าม|พาณิชย์/iu;

let words: RegExp | undefined;

/** Made when it is first needed: a check that compares no text does without. */
function conditionWords(): RegExp {
  words ??= new RegExp(`\\b(?:${allConditions().join('|')})\\b`, 'i');
  return words;
}

function allConditions(): readonly string[] {
  return [...Object.values(CONDITIONS).flatMap((row) => row.split(' ')), ...PHRASES].map((word) => word.replace(/[*]$/, '\\w*'));
}

/** Characters that nobody sees, and letters of scripts that are used to imitate Latin ones. */
const INVISIBLE = /[\p{Cf}\p{Cc}\p{Co}\p{Cn}]/u;
const IMITATING = /[\p{Script=Cherokee}\p{Script=Lisu}\p{Script=Coptic}\p{Script=Deseret}\p{Script=Osage}\p{Script=Tifinagh}]/u;

/**
 * Whether a text says more than a name: by a word that conditions, in any spelling that a reader would take for it (other widths and accents,
 * digits for letters, signs between letters, letters one by one, words run together), or by letters that pretend to be others.
 */
export function saysMoreThanAName(given: string): boolean {
  if (INVISIBLE.test(given) || IMITATING.test(given) || AMOUNT.test(given)) return true;
  const text = given.normalize('NFKD').replace(/\p{M}/gu, '');
  if (OTHER_SCRIPTS.test(given) || OTHER_SCRIPTS.test(text)) return true;
  const spaced = text.replace(/[^\p{L}\p{M}\d']+/gu, ' ');
  if (spaced.split(' ').some(mixesScripts) || LETTERS_ONE_BY_ONE.test(spaced)) return true;
  const joined = text.replace(/(?<=[\p{L}\d])[^\p{L}\d\s]+(?=[\p{L}\d])/gu, '');
  const apart = humpsApart(spaced);
  return [spaced, joined, apart, withoutDigits(spaced)].some((form) => conditionWords().test(form));
}

/** "YouMayNotSell" as "You May Not Sell". */
export function humpsApart(text: string): string {
  return text.replace(RUN_TOGETHER, (word) => word.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' '));
}

const LETTERS_ONE_BY_ONE = /(?:(?:^| )\p{L}(?= |$)){5,}/u;
/** "NotForSale"; two humps are common in names ("McCurdy", "OpenJS"). */
const RUN_TOGETHER = /\b(?:\p{Lu}\p{Ll}+){3,}\b/gu;

const LETTER_OF_DIGIT: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't' };

/** "C0mmercial": digits inside a word as the letters that they look like. */
function withoutDigits(text: string): string {
  return text.replace(/\b(?=\w*[A-Za-z])\w*\d\w*\b/g, (word) => word.replace(/[013457]/g, (digit) => LETTER_OF_DIGIT[digit] ?? digit));
}

function mixesScripts(word: string): boolean {
  return /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Georgian}]/u.test(word);
}
