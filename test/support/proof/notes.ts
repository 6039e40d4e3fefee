/** A role that only the proof has: what ours do without, and other people's roles have. Path in `ansible/` → text. */
export const notes: Readonly<Record<string, string>> = {
  'group_vars/all.yml': `greeting: hello 1
`,
  'roles/notes/defaults/main.yml': `notes_names:
  - first.txt
  - second.txt
notes_lines: 20
`,
  'roles/notes/vars/main.yml': `notes_heading: Notes 1
`,
  'roles/notes/templates/note.txt': `{{ notes_heading }}: {{ item }} of {{ notes_names | length }}, {{ notes_lines }} lines, {{ greeting }}
`,
  'roles/notes/files/motd': `Mind the notes.
`,
  'roles/notes/handlers/main.yml': `- name: Stamp
  ansible.builtin.copy:
    content: "{{ notes_names | join(' ') }}\\n"
    dest: /opt/notes.stamp
    owner: root
    group: root
    mode: "0644"
  tags: [notes:config]
`,
  'roles/notes/tasks/main.yml': `- name: Folder
  ansible.builtin.file:
    path: /opt/notes
    state: directory
    owner: root
    group: root
    mode: "0755"
  tags: [notes:install]

- name: Configure
  tags: [notes:config]
  block:
    - name: Notes
      ansible.builtin.template:
        src: note.txt
        dest: /opt/notes/{{ item }}
        owner: root
        group: root
        mode: "0644"
      loop: "{{ notes_names }}"
      notify: Stamp

    - name: Look for notes that the list does not name
      ansible.builtin.find:
        paths: /opt/notes
        file_type: any
        hidden: true
        excludes: "{{ notes_names }}"
      register: notes_unknown

    - name: Remove notes that the list does not name
      ansible.builtin.file:
        path: "{{ item.path }}"
        state: absent
      loop: "{{ notes_unknown.files }}"
      loop_control:
        label: "{{ item.path }}"
      notify: Stamp

- name: Message
  ansible.builtin.copy:
    src: motd
    dest: /opt/notes-motd
    owner: root
    group: root
    mode: "0644"
  tags: [notes:service]

- name: Stamp where something changed
  ansible.builtin.meta: flush_handlers
  tags: [notes:install, notes:config, notes:service]
`,
}

/** What the role base of the proof has beside ours: it reads a variable that the role notes reads, too. */
export const greets = `
- name: Greeting
  ansible.builtin.copy:
    content: "{{ greeting }}\\n"
    dest: /opt/lakitu/greeting
    owner: root
    group: root
    mode: "0644"
  tags: [base:config]
`

/** At the end of the playbook's roles. */
export const played = `    - role: notes
      tags: [role:notes]
`
