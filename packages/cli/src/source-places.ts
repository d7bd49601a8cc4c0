import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { relative, resolve } from 'node:path'
import { bundleFile } from './bundles.ts'
import type { Stack } from './stack.ts'

const PLACE = /(?:file:\/\/)?(\/[^\s():]*\/build\/([^/\s]+)\/server\.js):(\d+)(?::(\d+))?/g

/**
 * A text with every place in a bundle, such as `file:///…/build/cart/server.js:812:11`, replaced by the place in the source it was made
 * from. The services themselves don't: Node's `--enable-source-maps` keeps the whole map in memory, 90 MiB a service as measured.
 */
export function withSourcePlaces(stack: Stack, text: string): string {
  const maps: Record<string, SourceMap> = {}
  return text.replaceAll(PLACE, (found: string, file: string, service: string, line: string, column = '1') => {
    if (file !== bundleFile(stack, service)) return found
    maps[service] ??= new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
    const origin = maps[service].findOrigin(Number(line), Number(column))
    if (!('fileName' in origin)) return found
    return `${relative(stack.root, resolve(stack.root, service, origin.fileName))}:${origin.lineNumber}:${origin.columnNumber}`
  })
}
