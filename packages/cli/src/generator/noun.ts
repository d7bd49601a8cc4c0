import { runInNewContext } from 'node:vm'
import { Failure } from '../failure.ts'

/** The noun of a service in kebab-case, as in paths and types of events: `wish`, `gift-card`. */
export type Noun = {
  singular: string
  plural: string
  /** The beginning of the service's IDs, such as `wsh`. */
  prefix: string
}

/** The word in the templates that the noun replaces, and the ID prefix in the templates. */
const PLACEHOLDER = 'widget'
const PLACEHOLDER_PREFIX = 'wdg'
const LONGEST = 20
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz'
const EXAMPLE = 'Give a singular noun such as --item wish or --item gift-card'

/** Words that JavaScript or TypeScript reserves. */
const KEYWORDS = new Set(
  (
    'arguments async await boolean break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for from function if implements import in instanceof interface let new null of package private protected public return ' +
    'static string super switch symbol this throw true try type typeof undefined unknown using var void while with yield'
  ).split(' ')
)
const BUILT_IN: string[] = runInNewContext('Object.getOwnPropertyNames(globalThis)')

/**
 * Returns the noun of a new service. If `plural` is undefined, forms it by simple rules of English. `prefixes` has the ID prefixes of other
 * services. Fails for words that cannot be names in code.
 */
export function nounOf(singular: string, plural: string | undefined, prefixes: Set<string>): Noun {
  requireWord('--item', singular)
  if (plural === undefined && isPlural(singular)) {
    throw new Failure(
      `--item "${singular}" looks like a plural`,
      'Give the singular. If it is one, give its plural with --items'
    )
  }
  const words = plural ?? pluralOf(singular)
  requireWord('--items', words)
  if (words === singular) {
    throw new Failure(
      `--item and --items are both "${singular}", and the code needs two words`,
      'Give a different plural'
    )
  }
  return { singular, plural: words, prefix: prefixOf(singular, prefixes) }
}

/** Returns the plural of a regular English noun: `wishes` for `wish`, `stories` for `story`, `notes` for `note`. */
export function pluralOf(singular: string): string {
  if (/[^aeiou]y$/.test(singular)) return singular.replace(/y$/, 'ies')
  return /(s|x|z|ch|sh)$/.test(singular) ? `${singular}es` : `${singular}s`
}

/** True for the regular plural of a shorter word. Also true for a singular such as `bus`. */
const isPlural = (word: string) =>
  [word.slice(0, -1), word.slice(0, -2), word.replace(/ies$/, 'y')].some(
    singular => singular !== word && !singular.endsWith('s') && pluralOf(singular) === word
  )

function requireWord(option: string, word: string) {
  const fail = (problem: string) => {
    throw new Failure(`${option} cannot be "${word}": ${problem}`, EXAMPLE)
  }
  if (!/^[a-z]{2,}(-[a-z]+)*$/.test(word)) fail('it must be lower-case words of letters joined by hyphens')
  if (word.length > LONGEST) fail(`it has ${word.length} characters, and at most ${LONGEST} are allowed`)
  if (KEYWORDS.has(word) || BUILT_IN.includes(pascal(word))) fail('JavaScript or TypeScript already uses this word')
}

/** Returns an ID prefix that no other service has: the first letter and the next consonants of the noun, or its first letters. */
function prefixOf(singular: string, prefixes: Set<string>): string {
  const letters = singular.replaceAll('-', '')
  const consonants = letters[0] + letters.slice(1).replaceAll(/[aeiouy]/g, '')
  const short = [consonants, letters].flatMap(text => [text.slice(0, 3), text.slice(0, 4)])
  const longer = [...ALPHABET].map(letter => letters.slice(0, 3) + letter)
  const free = short
    .filter(text => text.length > 2)
    .concat(letters, longer)
    .find(text => !prefixes.has(text))
  if (free) return free
  throw new Failure(
    `IDs of "${singular}" would have the prefix of another service`,
    'Give a different noun with --item'
  )
}

/** Matches comments and string literals. */
const TEXTS = /\/\*\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'/g
/** Matches the parts of Markdown that are not in backticks. */
const MARKDOWN_PROSE = /(?<=^|`)[^`]+(?=`|$)/g

/** Replaces `widget` in a template's file by the noun, in every form: plural, capitals, camel case, several words. */
export function withNoun(file: string, text: string, noun: Noun): string {
  const texts = file.endsWith('.md') ? MARKDOWN_PROSE : TEXTS
  const written = text.replaceAll(texts, part => (part.includes(' ') ? inProse(part, noun) : part))
  return inCode(written, noun).replaceAll(PLACEHOLDER_PREFIX, noun.prefix)
}

/**
 * Fails if a name that is made from the noun would equal another name in the code. An example is the noun `clock`, because templates have a
 * variable `clock`. `code` is a TypeScript file of a template.
 */
export function requireFreeNames(code: string, noun: Noun) {
  const withoutTexts = code.replaceAll(TEXTS, '')
  // Members and keys cannot clash, because they are never used without their object.
  const names = withoutTexts.match(/(?<![\w.])[a-z]\w*\b(?!\??:)/gi) ?? []
  const [made, others] = [names.filter(isOfNoun), new Set(names.filter(name => !isOfNoun(name)))]
  const clash = made.map(name => inCode(name, noun)).find(name => others.has(name))
  if (!clash) return
  throw new Failure(`"${noun.singular}" would be \`${clash}\` in the code, which already uses that name`, EXAMPLE)
}

const isOfNoun = (name: string) => name.toLowerCase().includes(PLACEHOLDER)

/** Replaces `widget` in a comment or a text with several words. There, a noun of several words has spaces. */
function inProse(text: string, { singular, plural }: Noun): string {
  const spaced = (word: string) => word.replaceAll('-', ' ')
  const article = /^(?!u[nsr][aeiou])[aeiou]/.test(singular) ? 'n' : ''
  return text
    .replaceAll(/\b([Aa]) (?=widget\b)/g, `$1${article} `)
    .replaceAll(/(?<![\w/.-])widget(s?)(?!\w|\.\w)/g, (_, many) => spaced(many ? plural : singular))
    .replaceAll(/(?<![\w/.-])Widget(s?)(?!\w)/g, (_, many) => capital(spaced(many ? plural : singular)))
}

/** Replaces `widget` in code. Paths, event types and texts are in kebab-case, and names are in camel case. */
function inCode(text: string, { singular, plural }: Noun): string {
  return text
    .replaceAll(/WIDGET(S?)/g, (_, many) => (many ? plural : singular).replaceAll('-', '_').toUpperCase())
    .replaceAll(/(?<=[/'-]|(?<!\.)\.)widget(s?)(?![a-z]*[A-Z])/g, (_, many) => (many ? plural : singular))
    .replaceAll(/widget(s?)/g, (_, many) => camel(many ? plural : singular))
    .replaceAll(/Widget(s?)/g, (_, many) => pascal(many ? plural : singular))
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const camel = (word: string) => word.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase())
const pascal = (word: string) => capital(camel(word))
