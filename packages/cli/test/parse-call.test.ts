import { deepEqual } from 'node:assert/strict'
import { parseCall } from '../src/command-line/parse-call.ts'
import { upCommand } from '../src/commands/up.ts'

describe('the options of a call', () => {
  for (const { args, load } of [
    { args: ['--load'], load: '1' },
    { args: ['--load', '--detach'], load: '1' },
    { args: ['--load', '5', '--detach'], load: '5' },
    { args: ['--load=5'], load: '5' },
    { args: ['--detach'], load: undefined }
  ])
    it(`may leave out a value that has a default: ${args.join(' ')}`, () => {
      const call = parseCall(upCommand, args)
      deepEqual(typeof call === 'string' ? call : Object(call.values).load, load)
    })
})
