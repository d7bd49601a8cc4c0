import { randomBytes } from 'node:crypto'
import { CARDS } from '@bulkhead/load/shop/order'
import type { Person } from '@bulkhead/load/shop/people'

/** The fields of answers whose values are secret. */
const SECRET_FIELDS = ['accessToken', 'refreshToken', 'secret', 'code']

/** Values that no log line may have. */
export type Planted = {
  person: Person
  email: string
  password: string
  /** A text that is sent where a token or a secret belongs. */
  wrongSecret: string
  /** Adds a value. */
  add: (value: string) => void
  /** Adds the secret values in the JSON of an answer. */
  addSecretsOf: (text: string) => void
  /** Finds the values in a text. Returns each line that has one, cut to 300 characters, after the value. */
  findIn: (name: string, text: string) => string[]
}

/** Makes values that occur nowhere else. */
export function plant(): Planted {
  const mark = randomBytes(6).toString('hex')
  const address = { name: `Name${mark}`, street: `Street${mark} 1`, city: `City${mark}`, postalCode: `P${mark}` }
  const person = { email: `person-${mark}@load.example`, address: { ...address, country: 'DE' } }
  const [email, password, wrongSecret] = [`account-${mark}@load.example`, `password-${mark}`, `wrong-${mark}`]
  const values = new Set([
    ...Object.values(address),
    person.email,
    email,
    password,
    wrongSecret,
    ...Object.values(CARDS)
  ])
  return {
    person,
    email,
    password,
    wrongSecret,
    add: value => void values.add(value),
    addSecretsOf(text) {
      for (const field of SECRET_FIELDS)
        for (const [, value] of text.matchAll(new RegExp(`"${field}":"([^"]+)"`, 'g'))) values.add(value!)
    },
    findIn(name, text) {
      const forms = [...values].flatMap(value => [
        value,
        encodeURIComponent(value),
        Buffer.from(value).toString('base64')
      ])
      const found = [...new Set(forms)].filter(form => text.includes(form))
      const lines = found.length > 0 ? text.split('\n') : []
      return lines.flatMap(line =>
        found.filter(form => line.includes(form)).map(form => `${name} has ${form}: ${line.slice(0, 300)}`)
      )
    }
  }
}
