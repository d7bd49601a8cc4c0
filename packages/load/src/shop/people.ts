import { randomUUID } from 'node:crypto'
import { any } from './choice.ts'

/** The data that a shopper enters at the checkout. */
export type Person = {
  email: string
  address: { name: string; street: string; city: string; postalCode: string; country: string }
}

const FIRST_NAMES = ['Ada', 'Alan', 'Barbara', 'Edsger', 'Frances', 'Grace', 'Ken', 'Margaret', 'Niklaus', 'Radia']
const LAST_NAMES = ['Berg', 'Bruun', 'Dahl', 'Ivers', 'Klein', 'Lund', 'Moreau', 'Novak', 'Rossi', 'Winter']
const STREETS = ['Am Hang', 'Birkenweg', 'Hafenstraße', 'Kirchplatz', 'Lange Gasse', 'Mühlweg', 'Ringstraße']
const PLACES = [
  { city: 'Berlin', postalCode: '10115', country: 'DE' },
  { city: 'Hamburg', postalCode: '20095', country: 'DE' },
  { city: 'Leipzig', postalCode: '04109', country: 'DE' },
  { city: 'Wien', postalCode: '1010', country: 'AT' }
]

/** Makes up a person. The address of the e-mail is in a domain that nobody can own (RFC 2606). */
export function anyPerson(): Person {
  const [first, last] = [any(FIRST_NAMES), any(LAST_NAMES)]
  return {
    email: `${first}.${last}.${randomUUID().slice(0, 8)}@load.example`.toLowerCase(),
    address: {
      name: `${first} ${last}`,
      street: `${any(STREETS)} ${1 + Math.floor(90 * Math.random())}`,
      ...any(PLACES)
    }
  }
}
