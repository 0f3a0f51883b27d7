"""What tests with real clients share: a service of this program with a scripted model behind it, and
packages of registries in the build folder.
"""
import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
# How long anything may take on a busy machine; nothing waits for it to pass.
PATIENCE = 60


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def install(command, there, what):
    """Runs an installer once; where it cannot bring `there`, the test is skipped by name."""
    if there.exists():
        return
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=420)
        failed, told = done.returncode != 0, done.stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        failed, told = True, str(error)
    if failed or not there.exists():
        last = (told.strip().splitlines() or ["no reason given"])[-1]
        skip("%s could not be installed: %s" % (what, last))


def install_python(build, package):
    """A package of PyPI with all that it needs, into a folder of its own; returns the folder."""
    folder = pathlib.Path(build).resolve() / "clients" / "python" / package
    install([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--timeout", "10", "--retries", "1", "--target", str(folder), package],
            folder / package, package + " of PyPI")
    return folder


def install_node(build, packages):
    """Packages of npm; returns the folder that holds node_modules."""
    folder = pathlib.Path(build).resolve() / "clients" / "node"
    if shutil.which("node") is None or shutil.which("npm") is None:
        skip("there is no node or no npm")
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "package.json").exists():
        (folder / "package.json").write_text('{"private": true}\n')
    missing = [package for package in packages if not (folder / "node_modules" / package).exists()]
    if missing:
        install(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund",
                 "--loglevel=error", *missing], folder / "node_modules" / missing[-1],
                ", ".join(missing) + " of npm")
    return folder


def wait_for_line(stream, process):
    ready, _, _ = select.select([stream], [], [], PATIENCE)
    line = stream.readline() if ready else ""
    if not line:
        process.kill()
        raise AssertionError("the service said nothing; exit code %s" % process.wait())
    return line


class Script:
    """scripted_server.py under way; `address` is what a model's setting takes."""

    def __init__(self, source, home):
        port = pathlib.Path(home) / "scripted-port"
        self.process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(source) / "tests/end_to_end/scripted_server.py"),
             str(port)])
        while not port.exists():
            if self.process.poll() is not None:
                raise AssertionError("the scripted server died")
            select.select([], [], [], 0.01)
        self.address = "http://127.0.0.1:%s/v1" % port.read_text()

    def close(self):
        self.process.kill()
        self.process.wait()


class Service:
    """`dramatis serve` on a free port. Without `model` a scripted one speaks:
    "You said: MESSAGE. (N messages, seed S)". `config`: makes dramatis.yaml, with its list of models, of the address
    of the scripted one."""

    def __init__(self, program, source, model=None, config=None, **settings):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.script = None
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.home),
                       "DRAMATIS_CAST": str(pathlib.Path(source) / "tests/cast-small"),
                       "DRAMATIS_DATABASE": str(self.home / "dramatis.sqlite")}
        environment.update({name: value for name, value in os.environ.items()
                            if name.endswith("SAN_OPTIONS")})
        if model is None:
            self.script = Script(source, self.home)
            environment["DRAMATIS_MODEL_NAME"] = "scripted"
        if config is None:
            environment["DRAMATIS_MODEL"] = model or self.script.address
        else:
            # A list of models: its first one speaks, unless a setting names another.
            (self.home / "dramatis.yaml").write_text(config(self.script.address))
            environment.pop("DRAMATIS_MODEL_NAME", None)
        environment.update({"DRAMATIS_" + name.upper(): value for name, value in settings.items()})
        self.process = subprocess.Popen([program, "serve", "--port", "0"], stdout=subprocess.PIPE,
                                        text=True, env=environment, cwd=self.home)
        self.key = None
        self.line = wait_for_line(self.process.stdout, self.process)
        if self.line.startswith("The owner's key"):
            self.key = self.line.split()[-1]
            self.line = self.process.stdout.readline()  # comes with the first
        self.address = re.search(r"http://[0-9.]+:[0-9]+", self.line).group()

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        if self.script is not None:
            self.script.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.close()
