import type { World } from './ansible.ts'

export function copyOf(world: World): World {
  return new Map([...world].map(([host, files]) => [host, new Map(files)]))
}

/** A line for each file that is not the same; empty where all are. */
export function difference(a: World, b: World): string {
  const hosts = new Set([...a.keys(), ...b.keys()])
  const lines = [...hosts].flatMap((host) => {
    const names = new Set([...(a.get(host)?.keys() ?? []), ...(b.get(host)?.keys() ?? [])])
    return [...names].flatMap((name) => {
      const [one, other] = [a.get(host)?.get(name), b.get(host)?.get(name)]
      return one === other ? [] : [`${host} ${name}: ${JSON.stringify(one)} instead of ${JSON.stringify(other)}`]
    })
  })
  return lines.sort().join('\n')
}
