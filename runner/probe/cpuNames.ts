/** What a processor can do, as names that a package's floor has: levels of x86-64, and Solaris' own names. Pure. */

/** Flags as /proc/cpuinfo has them, by level; each level needs those below it. */
const LEVELS: [name: string, flags: string[]][] = [
  ['x86-64-v2', ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3']],
  ['x86-64-v3', ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe', 'xsave']],
  ['x86-64-v4', ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl']],
]

/** From the flags of /proc/cpuinfo, or what isainfo -v prints. */
export function cpuNames(text: string): string[] {
  const words = new Set(text.split(/\s+/).filter(Boolean))
  // isainfo: "64-bit amd64 applications avx sse4.2 ... 32-bit i386 applications ..."
  if (words.has('applications'))
    return [...words].filter((word) => !/^(\d+-bit|applications|amd64|i386)$/.test(word))
  const missing = LEVELS.findIndex(([, flags]) => !flags.every((flag) => words.has(flag)))
  return LEVELS.slice(0, missing < 0 ? LEVELS.length : missing).map(([name]) => name)
}

/**
 * What the compiler was told to make use of, as far as its flags say: a level by its name; another processor's name is taken for
 * this host's own, which runs the smoke tests of what was built.
 */
export function cpuOfFlags(flags: Iterable<string>, host: readonly string[] | undefined): string[] {
  const processors = [...flags].flatMap((text) => text.match(/(?<=-m(arch|cpu)=)\S+/g) ?? [])
  return [
    ...new Set(
      processors
        .flatMap((name) => (name.startsWith('x86-64') ? [name] : (host ?? [])))
        .filter((name) => name !== 'x86-64'),
    ),
  ]
}
