import assert from 'node:assert/strict'
import * as z from 'zod'
import { operation } from '../src/contract/operation.ts'

describe('operation', () => {
  const change = (body: z.ZodType) =>
    operation({
      id: 'changeLamp',
      method: 'patch',
      path: '/lamps',
      summary: 'Change a lamp',
      callers: ['staff'],
      body,
      answers: { 204: { description: 'Changed', body: null } }
    })

  it('refuses a default in the body of a PATCH, which would overwrite the stored value of a missing field', () => {
    const lamp = z.object({ name: z.string(), watts: z.int().default(9) })
    assert.throws(() => change(lamp.partial()), /The field watts of the PATCH changeLamp has a default/)
    assert.doesNotThrow(() => change(lamp.omit({ watts: true }).partial()))
  })
})
