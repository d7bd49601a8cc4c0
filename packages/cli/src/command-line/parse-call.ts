import { parseArgs } from 'node:util'
import type { Command } from './command.ts'
import { nearestName } from './nearest-name.ts'

/** Parses the arguments of a command. Returns the options and positional arguments, or a message for a wrong call. */
export function parseCall({ usage, options, valuesWhenOmitted = {} }: Command, args: string[]) {
  const parameters = usage.replaceAll(/--.*?(?=\]|$)/g, '').match(/\[?[A-Z]+(\.\.\.)?/g) ?? []
  try {
    const call = parseArgs({
      args: withOmittedValues(args, valuesWhenOmitted),
      options: { ...options, help: { type: 'boolean', short: 'h' }, root: { type: 'string' } },
      allowPositionals: true
    })
    if (call.values.help) return call
    const { positionals } = call
    const missing = parameters[positionals.length]
    if (missing && !missing.startsWith('[')) return `${missing.replace('...', '')} is missing`
    const isTooMany = positionals.length > parameters.length && !parameters.at(-1)?.endsWith('...')
    return isTooMany ? `"${positionals[parameters.length]}" is one argument too many` : call
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    return code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? unknownOption(message, Object.keys(options ?? {})) : message
  }
}

/** Completes each option that is given without its value: `--load --detach` becomes `--load=1 --detach`. */
const withOmittedValues = (args: string[], values: Record<string, string>) =>
  args.map((arg, place) => {
    const value = arg.startsWith('--') ? values[arg.slice(2)] : undefined
    const next = args[place + 1]
    return value !== undefined && (next === undefined || next.startsWith('--')) ? `${arg}=${value}` : arg
  })

/** Returns a message for an unknown option. Node's own message explains how to pass it as an argument, which would confuse the user. */
function unknownOption(message: string, known: string[]) {
  const given = /'(.*?)'/.exec(message)?.[1] ?? ''
  const nearest = nearestName(
    [given],
    known.map(name => `--${name}`)
  )
  return `there is no option ${given}${nearest ? `. Did you mean ${nearest}?` : ''}`
}
