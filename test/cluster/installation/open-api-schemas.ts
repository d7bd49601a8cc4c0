import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'

type Schema = { [key: string]: unknown }
type Kind = { group: string; version: string; kind: string }

/** The name of a schema file, relative to the folder of schemas, in kubeconform's notation. */
export const SCHEMA_FILES = '{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json'

/**
 * Writes a JSON schema for every kind that the cluster serves in these API versions (`v1`, `apps/v1`), including the kinds of CRDs. The
 * schemas come from the cluster's own OpenAPI (kubernetes.io/docs, OpenAPI V3). They refuse fields that the cluster does not know.
 */
export async function writeSchemas(cluster: Cluster, versions: string[], folder: string): Promise<void> {
  await Promise.all(
    versions.map(async version => {
      const path = version.includes('/') ? `apis/${version}` : `api/${version}`
      const { components } = JSON.parse(await cluster.kubectl(['get', '--raw', `/openapi/v3/${path}`]))
      const definitions = strict(components.schemas) as Record<string, Schema>
      for (const [name, schema] of Object.entries(components.schemas as Record<string, Schema>)) {
        const kinds = (schema['x-kubernetes-group-version-kind'] ?? []) as Kind[]
        for (const { group, version, kind } of kinds) {
          // The core group has no name, so kubeconform uses its version as the name.
          const file = `${kind.toLowerCase()}-${group || version}-${version}.json`
          writeFileSync(join(folder, file), JSON.stringify({ $ref: `#/definitions/${name}`, definitions }))
        }
      }
    })
  )
}

/** Converts a schema to JSON Schema and forbids unknown fields. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([key, value]) => [
    key,
    key === '$ref' ? String(value).replace('#/components/schemas/', '#/definitions/') : strict(value)
  ])
  const copy = Object.fromEntries(entries)
  const isOpen = copy.additionalProperties !== undefined || copy['x-kubernetes-preserve-unknown-fields']
  const hasFields = typeof copy.properties === 'object' && copy.type === 'object'
  return hasFields && !isOpen ? { ...copy, additionalProperties: false } : copy
}
