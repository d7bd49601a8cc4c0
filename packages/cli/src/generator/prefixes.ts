import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stack } from '../services/stack.ts'

/** Returns the ID prefixes, such as `prd`, in the openapi.json of each service of a stack. */
export function prefixesOf({ root }: Pick<Stack, 'root'>): Set<string> {
  const files = globSync('services/*/openapi.json', { cwd: root })
  const texts = files.map(file => readFileSync(join(root, file), 'utf8'))
  return new Set(texts.flatMap(text => [...text.matchAll(/"pattern": "\^([a-z]+)_/g)].map(([, prefix]) => prefix!)))
}
