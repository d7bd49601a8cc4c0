import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Operation = { operationId?: string; responses?: Record<string, { content?: Record<string, object> }> }
type OpenApi = { paths: Record<string, Record<string, Operation>> }

/** Returns the IDs of the operations of a repository whose answers stay open: streams of events. */
export const streamOperations = (root: string): string[] =>
  globSync('services/*/openapi.json', { cwd: root })
    .map((file): OpenApi => JSON.parse(readFileSync(join(root, file), 'utf8')))
    .flatMap(({ paths }) => Object.values(paths).flatMap(path => Object.values(path).flatMap(streamIds)))
    .sort()

function streamIds({ operationId, responses = {} }: Operation): string[] {
  const isStream = Object.values(responses).some(({ content = {} }) => 'text/event-stream' in content)
  return isStream && operationId ? [operationId] : []
}
