import type { Command } from '../command.ts'
import { down } from '../down.ts'
import { reset } from '../reset.ts'

/** `bulkhead reset` */
export const resetCommand: Command = {
  usage: 'reset [--force]',
  summary: 'forget all data, keys, bundles and logs of a stack that is stopped',
  details: '--force   stop it first when it runs',
  examples: [['bulkhead reset', 'start from nothing at the next `bulkhead up`']],
  options: { force: { type: 'boolean' } },
  async run({ stack, options }) {
    if (options.force) await down(stack)
    const hadAny = await reset(stack)
    console.log(hadAny ? `${stack.folder} is forgotten` : `There is nothing to forget in ${stack.folder}`)
    return 0
  }
}
