/**
 * svccfg's commands about manifests: validate, import, inventory, export, extract.
 * Read in illumos: svccfg/svccfg_engine.c (engine_import), svccfg_libscf.c (lscf_validate, lscf_service_export,
 * lscf_profile_extract).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { exportService } from '../../export.ts'
import { parseFmri } from '../../fmri.ts'
import { importBundle } from '../../import.ts'
import { type Bundle, ManifestRefused } from '../../manifest/bundle.ts'
import { readManifest } from '../../manifest/read.ts'
import { instanceFaults, templateFaults } from '../../manifest/templates.ts'
import { select } from '../../patterns.ts'
import { own, value } from '../../repository.ts'
import { fileInWorld, statInWorld } from '../../worldFiles.ts'
import { Exit, nextChange } from '../command.ts'
import { getopt } from '../getopt.ts'
import { fail, type Session, type Subcommand, selectedFmri, strings, warn, words } from './session.ts'

export const validate: Subcommand = async (session, tokens) => {
  const given = words(tokens, 0, 1)
  if (!given) return false
  const [operand] = given
  if (operand !== undefined && statInWorld(session.smf.world.root, operand, session.call.cwd)) {
    report(session, templateFaults(await read(session, operand)))
    return true
  }
  const fmri = operand === undefined ? selectedFmri(session) : instanceByPattern(session, operand)
  const name = parseFmri(fmri)
  if (name?.instance === undefined) fail(session, 'No instance selected')
  report(session, instanceFaults(fmri, session.smf.repository.composed(name)))
  return true
}

function report(session: Session, faults: string[]): void {
  for (const fault of faults) session.output.stderr += `${fault}\n`
  if (faults.length > 0) fail(session, 'Validation failed.')
}

function instanceByPattern(session: Session, pattern: string): string {
  const { fmris, errors } = select(session.smf.repository, [pattern])
  if (errors[0] !== undefined) fail(session, errors[0])
  return fmris[0] ?? ''
}

export const importManifests: Subcommand = async (session, tokens) => {
  const texts = strings(tokens)
  const parsed = texts && getopt(texts, 'np:V')
  if (!parsed || parsed.unknown !== undefined || parsed.operands.length === 0) return false
  const letters = new Set(parsed.options.map((o) => o.letter))
  const options = { refresh: !letters.has('n'), strict: letters.has('V') }
  const files = parsed.operands.flatMap((path) => manifestsIn(session, path))
  let failed = 0
  for (const file of files) {
    try {
      await importFile(session, file, options)
    } catch (error) {
      // One of several that fails does not keep the others from being imported.
      if (!(error instanceof Exit) || files.length === 1) throw error
      failed++
    }
  }
  if (failed > 0) throw new Exit(1)
  if (session.verbose) warn(session, 'Successful import.')
  return true
}

/** The file itself, or the .xml files below a folder. */
function manifestsIn(session: Session, path: string): string[] {
  const { root } = session.smf.world
  const found = statInWorld(root, path, session.call.cwd)
  if (!found) fail(session, `Unable to stat file ${path}.  No such file or directory`)
  if (found.isFile()) return [path]
  if (!found.isDirectory()) fail(session, `${path} is not a directory or regular file`)
  const names = readdirSync(fileInWorld(root, path, session.call.cwd) ?? '').sort()
  return names.flatMap((name) => {
    const inner = posix.join(path, name)
    const stat = statInWorld(root, inner, session.call.cwd)
    if (stat?.isDirectory()) return manifestsIn(session, inner)
    return name.endsWith('.xml') ? [inner] : []
  })
}

async function importFile(
  session: Session,
  file: string,
  options: { refresh: boolean; strict: boolean },
): Promise<void> {
  const { smf, output } = session
  const bundle = await read(session, file)
  const faults = templateFaults(bundle)
  for (const fault of faults) output.stderr += `${options.strict ? '' : 'Warning: '}${fault}\n`
  if (faults.length > 0 && options.strict) fail(session, `Import of ${file} failed.`)
  if (session.call.uid !== 0) {
    warn(
      session,
      `Could not create temporary service "TEMP/${bundle.services[0]?.name ?? ''}" (permission denied).`,
    )
    fail(session, `Import of ${file} failed.`)
  }
  const result = importBundle(smf.repository, bundle)
  for (const warning of result.warnings) warn(session, warning)
  if (result.failure !== undefined) {
    warn(session, result.failure)
    fail(session, `Import of ${file} failed.`)
  }
  if (session.verbose) for (const line of result.verbose) warn(session, line)
  if (!options.refresh) return
  for (const fmri of new Set(result.instances)) {
    smf.startd.refresh(fmri)
    if (session.verbose) warn(session, `Refreshed ${fmri}.`)
  }
  for (const fmri of new Set(result.instances)) await initialised(session, fmri)
}

/** Waits until svc.startd has taken the instance over. */
async function initialised(session: Session, fmri: string): Promise<void> {
  const { smf, call } = session
  while (!call.signal.aborted) {
    const service = smf.startd.service(fmri)
    if (service?.state !== 'uninitialized') return
    await nextChange(smf, call.signal)
  }
}

export const inventory: Subcommand = async (session, tokens) => {
  const [file] = words(tokens, 1, 1) ?? []
  if (file === undefined) return false
  const { services } = await read(session, file)
  for (const { name, instances } of services)
    for (const instance of [...instances].reverse()) session.output.line(`svc:/${name}:${instance.name}`)
  for (const { name } of services) session.output.line(`svc:/${name}`)
  return true
}

/** Reads a manifest of the world, or ends svccfg with what is wrong with it. */
async function read(session: Session, path: string): Promise<Bundle> {
  const { call, smf, output } = session
  const file = fileInWorld(smf.world.root, path, call.cwd)
  if (file === undefined) fail(session, 'unable to open file: No such file or directory')
  const { SVCCFG_NOVALIDATE: novalidate, SVCCFG_DTD: dtdPath } = call.environment
  const dtdFile = dtdPath === undefined ? undefined : fileInWorld(smf.world.root, dtdPath, call.cwd)
  const dtd = novalidate !== undefined ? null : dtdFile && readFileSync(dtdFile, 'utf8')
  try {
    return await readManifest(readFileSync(file), {
      path,
      realPath: file.slice(smf.world.root.length),
      ...(dtd === undefined ? {} : { dtd }),
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      fail(session, 'unable to open file: Permission denied')
    if (!(error instanceof ManifestRefused)) throw error
    for (const line of error.printed) output.stderr += `${line}\n`
    return fail(session, error.message)
  }
}

export const exportManifest: Subcommand = (session, tokens) => {
  const redirect = tokens.findIndex((t) => t.type === '>')
  const head = redirect < 0 ? tokens : tokens.slice(0, redirect)
  const [file] = redirect < 0 ? [] : (words(tokens.slice(redirect + 1), 1, 1) ?? [])
  const given = words(head, 1, 2)
  if (!given || (given.length === 2 && given[0] !== '-a') || (redirect >= 0 && file === undefined))
    return false
  const pattern = given[given.length - 1] ?? ''
  const { fmris, errors } = select(session.smf.repository, [pattern], { services: 'prefer' })
  if (errors[0] !== undefined) fail(session, errors[0].replace('instances or services', 'services'))
  const name = parseFmri(fmris[0] ?? '')
  const service = name && session.smf.repository.service(name.service)
  if (!name || !service) return true
  if (name.instance !== undefined)
    warn(session, 'Only services may be exported; ignoring instance portion of argument.')
  write(
    session,
    exportService(name.service, service, (target) => {
      const parsed = parseFmri(target)
      return parsed && session.smf.repository.groupsOf(parsed)
    }),
    file,
  )
  return true
}

/** The profile of what is enabled. */
export const extract: Subcommand = (session, tokens) => {
  const [redirect, target] = tokens
  const file = redirect?.type === '>' && target?.type === 'word' ? target.text : undefined
  if (tokens.length > 0 && (file === undefined || tokens.length > 2)) return false
  const lines = [
    "<?xml version='1.0'?>",
    "<!DOCTYPE service_bundle SYSTEM '/usr/share/lib/xml/dtd/service_bundle.dtd.1'>",
    "<service_bundle type='profile' name='extracted'>",
  ]
  for (const [name, { instances }] of Object.entries(session.smf.repository.services)) {
    lines.push(`  <service name='${name}' type='service' version='0'>`)
    for (const [instance, { groups }] of Object.entries(instances))
      if (own(groups, 'general'))
        lines.push(
          `    <instance name='${instance}' enabled='${value(groups, 'general', 'enabled') ?? 'false'}'/>`,
        )
    lines.push('  </service>')
  }
  write(session, `${[...lines, '</service_bundle>'].join('\n')}\n`, file)
  return true
}

function write(session: Session, text: string, file: string | undefined): void {
  if (file === undefined) {
    session.output.stdout += text
    return
  }
  const { root } = session.smf.world
  const folder = fileInWorld(root, dirname(file), session.call.cwd)
  if (folder === undefined) fail(session, `Could not open "${file}": No such file or directory.`)
  writeFileSync(fileInWorld(root, file, session.call.cwd) ?? join(folder, posix.basename(file)), text)
}
