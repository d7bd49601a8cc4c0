import { parseArgs } from 'node:util'
import type { Command } from './command.ts'
import { nearestName } from './nearest-name.ts'

/** The options and words of a call, or in a few words what is wrong with it. */
export function parseCall({ usage, options }: Command, args: string[]) {
  const places = usage.replaceAll(/--.*?(?=\]|$)/g, '').match(/\[?[A-Z]+(\.\.\.)?/g) ?? []
  try {
    const call = parseArgs({
      args,
      options: { ...options, help: { type: 'boolean', short: 'h' }, root: { type: 'string' } },
      allowPositionals: true
    })
    if (call.values.help) return call
    const { positionals } = call
    const missing = places[positionals.length]
    if (missing && !missing.startsWith('[')) return `${missing.replace('...', '')} is missing`
    const isMore = positionals.length > places.length && !places.at(-1)?.endsWith('...')
    return isMore ? `"${positionals[places.length]}" is one argument too many` : call
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    return code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? unknownOption(message, Object.keys(options ?? {})) : message
  }
}

/** In our words: Node's tell how to pass it on as an argument, which nobody means. */
function unknownOption(message: string, known: string[]) {
  const given = /'(.*?)'/.exec(message)?.[1] ?? ''
  const nearest = nearestName(
    [given],
    known.map(name => `--${name}`)
  )
  return `there is no option ${given}${nearest ? `. Did you mean ${nearest}?` : ''}`
}
