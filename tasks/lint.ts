import { roleLint as roleLintTask } from 'lakitu/kits/ansible'

export const roleLint = roleLintTask()
