"""What the tests in containers share: an engine, the images of this source tree, a run of the compose file.

    if __name__ == "__main__":
        engine.enter()
        unittest.main()

    with engine.Compose("--profile", "gateways") as compose:
        print(compose.operator("chaoxun", "status").stdout)

Where no engine answers, enter() runs the test again under scripts/docker/with-engine, which starts one and stops it.
"""
import json
import os
import pathlib
import subprocess
import sys

for folder in ("flow", "gateways"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))
import harness
import kannel
import mail
import short_message

ROOT = harness.ROOT
DOCKER = ROOT / "scripts/docker"
GATEWAYS = DOCKER / "gateways.env"
IMAGES = {"CHAOXUN_IMAGE": "chaoxun-test", "CHAOXUN_KANNEL_IMAGE": "chaoxun-test-kannel",
          "CHAOXUN_MAIL_IMAGE": "chaoxun-test-mail"}
SERVICES = harness.SERVICES
PROXIES = [name for name in ("http_proxy", "https_proxy", "no_proxy") if name in os.environ]
ENTERED = "CHAOXUN_TEST_ENTERED"


def enter():
    """Comes back only where an engine answers."""
    if ENTERED not in os.environ:
        os.environ[ENTERED] = "1"
        os.execv(DOCKER / "with-engine", ["with-engine", sys.executable, *sys.argv])


def run(*words, status=0, environment=None, seconds=300, stdin=None):
    """Runs a program; unless it ends with `status` what it said is the error."""
    result = subprocess.run(list(map(str, words)), env=os.environ | (environment or {}), cwd=ROOT, input=stdin,
                            stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True, text=True,
                            encoding="utf-8", timeout=seconds, check=False)
    assert status is None or result.returncode == status, (words, result.returncode, result.stdout, result.stderr)
    return result


def docker(*words, **options):
    return run("docker", *words, **options)


def build(image, context, file, *options):
    proxies = [word for name in PROXIES for word in ("--build-arg", name)]
    docker("build", "--tag", image, "--file", file, *proxies, *options, context, seconds=600,
           environment={"DOCKER_BUILDKIT": "1"})


def inspect(name, path):
    """One value of `docker inspect`, parsed from JSON."""
    return json.loads(docker("inspect", "--format", "{{json %s}}" % path, name).stdout)


class Compose:
    """docker-compose.yml in a project of its own: volumes, networks and port are nobody else's; removed at the end, and
    first of all, for a run before may have been killed."""

    def __init__(self, *options):
        self.options = options
        self.project = "chaoxun-test"
        self.port = harness.free_ports(1)[0]
        self.environment = IMAGES | {"COMPOSE_PROJECT_NAME": self.project, "CHAOXUN_PORT": str(self.port),
                                     "CHAOXUN_HEALTH_INTERVAL": "1s", "DOCKER_BUILDKIT": "1",
                                     "COMPOSE_DOCKER_CLI_BUILD": "1"}

    def __enter__(self):
        run(DOCKER / "base-image")
        self.close()
        try:
            self("build", *(word for name in PROXIES for word in ("--build-arg", name)), seconds=600)
            self("up", "--detach")
        except AssertionError:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self("down", "--volumes", "--remove-orphans", "--timeout", "5", status=None)
        docker("image", "rm", *IMAGES.values(), status=None)

    def __call__(self, *words, **options):
        return run("docker-compose", *self.options, *words, environment=self.environment, **options)

    def name(self, service):
        return f"{self.project}_{service}_1"

    def exec(self, service, *words, **options):
        """Runs words in a service's container."""
        return docker("exec", self.name(service), *words, **options)

    def operator(self, *words, **options):
        """Runs words where a person does: with the operator's key, and the first password at hand."""
        return self("run", "--rm", "-T", "operator", *words, **options)

    def http(self, method, path, document=None, token=None):
        """(status, answer) of a request to the published port, as any program on this machine makes it."""
        return harness.request(method, f"http://127.0.0.1:{self.port}{path}", document, token=token)

    def log(self, service):
        said = docker("logs", self.name(service))
        return said.stdout + said.stderr

    def short_messages(self):
        """What reached the telephone company that does not exist, since its container was made."""
        return short_message.joined(kannel.received(self.log("fakesmsc").encode()))

    def mails(self):
        """What lies in the mailbox."""
        names = self.exec("mail", "ls", "/mail/new").stdout.split()
        octets = [self.exec("mail", "cat", f"/mail/new/{name}").stdout.encode() for name in names]
        return [mail.read(one, None, None) for one in octets]

    def pid(self, service):
        return inspect(self.name(service), ".State.Pid")

    def wait_healthy(self, *services, seconds=60):
        for service in services:
            harness.until(lambda name=self.name(service): inspect(name, ".State.Health.Status") == "healthy", seconds,
                          f"health of {service}; it said:\n{self.log(service)}")

