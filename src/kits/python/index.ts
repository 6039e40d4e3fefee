/** A Python virtual environment of the project's own, and what pip installs into it. */
export { type Installed, type PipOptions, pipInstall } from './pip.ts'
export { type Venv, type VenvOptions, venv } from './venv.ts'
