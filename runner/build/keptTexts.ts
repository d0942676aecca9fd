/**
 * The texts that an installation is made of: patches, and configuration files as the recipe has them, with the marks of
 * secrets in them and not their values. The host keeps them, so that the next plan can show what differs.
 */
import { createHash } from 'node:crypto'
import type { Build } from '../desired/build.ts'
import type { Inputs } from '../receipts/receipt.ts'
import type { JobFile } from './jobFolder.ts'

/** For keep-texts.sh. A patch whose content is not at hand (a rollback) was kept when it was installed. */
export function textFiles(build: Build, patchContent: (file: string) => Buffer): JobFile[] {
  const patches = build.patches.flatMap(({ file, sha256 }) => {
    const content = patchContent(file)
    const found = createHash('sha256').update(content).digest('hex')
    return found === sha256 ? [{ name: sha256, content }] : []
  })
  const files = build.files.flatMap(({ path, content }) => {
    const name = build.inputs.files[path]
    return name ? [{ name, content: Buffer.from(content) }] : []
  })
  return [...patches, ...files].map(({ name, content }) => ({
    path: `texts/${name}`,
    mode: 0o600,
    content,
  }))
}

/** Where a host has the text that an input of a receipt stands for; undefined for an input that is no text's. */
export function keptTextPath(
  receipt: { prefix: string; recipe: string },
  label: string,
  value: string,
): string | undefined {
  const name = /\b[0-9a-f]{64}$/.exec(value)?.[0]
  const isText = label.startsWith('patch ') || label.startsWith('/')
  return name && isText ? `${receipt.prefix}/var/build-stack/texts/${receipt.recipe}/${name}` : undefined
}

/** Of all texts that a receipt names. */
export function keptTextPaths(receipt: {
  prefix: string
  recipe: string
  inputs: { build: Inputs; files: Inputs }
}): string[] {
  return [...Object.entries(receipt.inputs.build), ...Object.entries(receipt.inputs.files)].flatMap(
    ([label, value]) => keptTextPath(receipt, label, value) ?? [],
  )
}
