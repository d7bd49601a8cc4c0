import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Manifest = {
  name?: string
  version?: string
  license?: string
  description?: string
}
type Sources = { root: string; service: string; version: string; files: string[] }

/** Finds the `package.json` of the installed package to which a file belongs; undefined for files of this repository. */
export function packageOf(file: string): string | undefined {
  const installed = /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)
  return installed?.[1]
}

/**
 * Returns the bill of materials of a service's image as CycloneDX 1.6 JSON: one component for each package in `files` (relative to `root`),
 * with the text of its licence. The same files give the same bytes. Throws for a package without a version or a licence.
 */
export function sbom({ root, service, version, files }: Sources) {
  const folders = new Set(files.map(packageOf).filter(folder => folder !== undefined))
  const components = [...folders].map(folder => component(root, folder))
  const byReference = Map.groupBy(components, component => component['bom-ref'])
  const sorted = [...byReference.values()].map(([one]) => one!)
  sorted.sort((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1))
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': `bulkhead-${service}`,
        name: `bulkhead-${service}`,
        version,
        licenses: [{ license: { id: 'MIT' } }]
      }
    },
    components: sorted
  }
}

function component(root: string, folder: string) {
  const manifest = join(root, folder, 'package.json')
  const { name, version, license, description }: Manifest = JSON.parse(readFileSync(manifest, 'utf8'))
  if (!name || !version || !license) throw new Error(`${manifest} has no name, version or license`)
  const reference = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return {
    type: 'library',
    'bom-ref': reference,
    name,
    version,
    ...(description && { description }),
    licenses: [{ license: { ...licenseName(license), ...licenseText(join(root, folder)) } }],
    purl: reference
  }
}

/** Returns an SPDX identifier as an ID, and an expression, which has spaces, as a name. CycloneDX accepts only a name with a text. */
const licenseName = (license: string) => (/^[\w.+-]+$/.test(license) ? { id: license } : { name: license })

function licenseText(folder: string) {
  const [file] = globSync('{LICEN[CS]E,licen[cs]e,COPYING}*', { cwd: folder }).sort()
  const path = file && join(folder, file)
  return path && existsSync(path) ? { text: { contentType: 'text/plain', content: readFileSync(path, 'utf8') } } : {}
}
