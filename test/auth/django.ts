/** Django itself, where it is installed: a few lines of Python with what they are asked about, for tests that skip where it is not. */
import { execFileSync } from "node:child_process";

const python = "/usr/bin/python3";

/** Why a test is skipped, or false. @param modules  what has to be installed */
export function withoutDjango(...modules: readonly string[]): string | false {
  try {
    execFileSync(python, ["-c", `import ${["django", ...modules].join(", ")}`], { stdio: "ignore" });
    return false;
  } catch {
    return `there is no ${["Django", ...modules].join(" with ")} on this machine`;
  }
}

/**
 * Runs lines that read `question` and set `answer`; Django is set up with its accounts, sessions, and these settings.
 * @param settings  as Python writes the arguments of `settings.configure`
 */
export function askDjango(question: unknown, settings: string, lines: string): ReturnType<typeof JSON.parse> {
  const script = `
import json, sys
import django
from django.conf import settings
question = json.load(sys.stdin)
settings.configure(INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"], ${settings})
django.setup()
${lines}
print(json.dumps(answer))`;
  const options = { input: JSON.stringify(question), encoding: "utf8" } as const;
  return JSON.parse(execFileSync(python, ["-W", "ignore", "-c", script], options));
}
