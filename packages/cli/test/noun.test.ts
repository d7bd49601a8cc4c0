import assert from 'node:assert/strict'
import { nounOf, pluralOf, requireFreeNames, withNoun } from '../src/generator/noun.ts'

const NONE = new Set<string>()
const noun = (singular: string, plural?: string) => nounOf(singular, plural, NONE)

describe('the noun of a new service', () => {
  for (const [singular, plural] of [
    ['wish', 'wishes'],
    ['story', 'stories'],
    ['note', 'notes'],
    ['box', 'boxes'],
    ['day', 'days'],
    ['gift-card', 'gift-cards']
  ] as const) {
    it(`has the plural ${plural} for ${singular}`, () => assert.equal(pluralOf(singular), plural))
  }

  it('has the given plural', () => {
    assert.deepEqual(noun('person', 'people'), { singular: 'person', plural: 'people', prefix: 'prs' })
  })

  it('is refused if it looks like a plural, unless its own plural is given', () => {
    for (const plural of ['wishes', 'notes', 'stories', 'bus'])
      assert.throws(() => nounOf(plural, undefined, new Set()), /looks like a plural/)
    assert.equal(nounOf('bus', 'buses', new Set()).plural, 'buses')
    assert.equal(nounOf('address', undefined, new Set()).plural, 'addresses')
  })

  it('gives IDs a prefix that no other service has', () => {
    const prefixBeside = (...taken: string[]) => nounOf('wish', undefined, new Set(taken)).prefix
    assert.equal(prefixBeside('prd'), 'wsh')
    assert.equal(prefixBeside('wsh'), 'wis')
    assert.equal(prefixBeside('wsh', 'wis'), 'wish')
    assert.equal(prefixBeside('wsh', 'wis', 'wish'), 'wisa')
  })

  for (const { what, singular, plural, reason } of [
    {
      what: 'a capital letter',
      singular: 'Wish',
      reason: /--item cannot be "Wish": it must be lower-case words/
    },
    { what: 'an underscore', singular: 'wish_list', reason: /lower-case words/ },
    { what: 'only one letter', singular: 'w', reason: /lower-case words/ },
    { what: 'a keyword', singular: 'class', reason: /JavaScript or TypeScript already uses this word/ },
    { what: 'the name of a built-in class', singular: 'promise', reason: /already uses this word/ },
    {
      what: 'a keyword as its plural',
      singular: 'thing',
      plural: 'yield',
      reason: /--items cannot be "yield": JavaScript/
    },
    {
      what: 'more than 20 letters',
      singular: 'a'.repeat(21),
      reason: /it has 21 characters, and at most 20 are allowed/
    },
    {
      what: 'the same plural',
      singular: 'sheep',
      plural: 'sheep',
      reason: /--item and --items are both "sheep".*Give a different plural/
    }
  ]) {
    it(`is refused with ${what}`, () => assert.throws(() => noun(singular, plural), { message: reason }))
  }

  it('is refused if the code already uses its name for something else', () => {
    const code =
      "import { page } from 'pages'\n\nconst widget = { clock: page() }\nexport const newWidget = newId(widget)\n"
    assert.throws(() => requireFreeNames(code, noun('page')), /"page" would be `page` in the code/)
    assert.throws(() => requireFreeNames(code, noun('id')), /"id" would be `newId` in the code/)
    for (const free of ['clock', 'wish']) assert.doesNotThrow(() => requireFreeNames(code, noun(free)))
  })
})

describe('a text of a template', () => {
  const written = (text: string, singular: string, file = 'a.ts') => withNoun(file, text, noun(singular))

  it('has the noun in kebab-case, camel case or capitals, depending on the place', () => {
    const text =
      "const WIDGETS = '/api/widgets'\nconst one = createWidget(widgets, widget.id, '/widgets', 'template.widget.made')"
    assert.equal(
      written(text, 'gift-card'),
      "const GIFT_CARDS = '/api/gift-cards'\nconst one = createGiftCard(giftCards, giftCard.id, '/gift-cards', 'template.gift-card.made')"
    )
  })

  it('has spaces in the noun and the right article in comments and texts', () => {
    const text =
      "/** Creates a widget. Widgets are documents. */\nconst text = { type: 'a.widget.b', summary: 'A widget was made' }"
    assert.equal(
      written(text, 'idea-box'),
      "/** Creates an idea box. Idea boxes are documents. */\nconst text = { type: 'a.idea-box.b', summary: 'An idea box was made' }"
    )
  })

  it('has the noun in the prose and the code of Markdown', () => {
    assert.equal(
      written('Keeps widgets. `src/widgets` has all. A widget is `template.widget.made`.', 'gift-card', 'README.md'),
      'Keeps gift cards. `src/gift-cards` has all. A gift card is `template.gift-card.made`.'
    )
  })

  it('keeps the article before a vowel that sounds like a consonant', () => {
    assert.equal(written('// Makes a widget', 'user'), '// Makes a user')
    assert.equal(written('// Makes a widget', 'update'), '// Makes an update')
  })
})
