import type { Random } from '../../support/random.ts'

/** What a text of a role may say that is not plain text. */
export function mention(random: Random, role: string): string {
  const group = random.pick(['servers', 'clients', 'all'])
  const there = random.pick(['address', 'rack', 'shelf', 'both'])
  return random.pick([
    `{{ ${role}_port }}`,
    `{{ ${role}_name }}`,
    `{{ ${role}_name }}`,
    `{{ ${role}_items | join(',') }}`,
    `{{ ${role}_fixed | default('none') }}`,
    `{{ ${random.pick(['level', 'origin', 'both', 'kind', 'site'])} }}`,
    `{{ ${random.pick(['rack', 'shelf', 'zone', 'extra'])} | default('-') }}`,
    `{% if both == 'all' %}{{ level }}{% else %}other{% endif %}`,
    `{% for one in ${role}_items %} {{ one }}{% endfor %}`,
    '{{ inventory_hostname }}',
    `{{ ${random.pick(['alpha', 'bravo', 'cedar'])}_port | default('gone') }}`,
    `{% for host in groups['${group}'] %} {{ hostvars[host].${there} | default('?') }}{% endfor %}`,
    "{{ hostvars['h1'].address }}",
    '{# nothing #}',
  ])
}

export function template(random: Random, role: string): string {
  const lines = Array.from({ length: 1 + random.int(3) }, (_, i) => `line${i} = ${mention(random, role)} .`)
  return `${lines.join('\n')}\nend\n`
}
