#!/usr/bin/env python3
"""Three services on one PostgreSQL behind nginx: any of them answers for any player, and when one is killed in the
middle of it all, nothing that was acknowledged is lost.

    servers_test.py PROGRAM SOURCE_FOLDER
"""
import glob
import http.client
import json
import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
SKIPPED = 77
PLAYERS, TURNS = 6, 8
started = []


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def start(*words, **more):
    process = subprocess.Popen([str(word) for word in words], **more)
    started.append(process)
    return process


def wait_until(happened, what, seconds=60):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def can_connect(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_postgres(folder, programs):
    """The database's address. PostgreSQL refuses to run as root."""
    data, run = folder / "data", folder / "run"
    run.mkdir()
    become = None
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, run):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)

        def become():
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", "preexec_fn": become}
    subprocess.run([programs + "/initdb", "-D", data, "-U", "dramatis", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
                   check=True, **quiet)
    start(programs + "/postgres", "-D", data, "-F", "-k", run, "-c", "listen_addresses=", **quiet)
    wait_until(lambda: (run / ".s.PGSQL.5432").exists() and subprocess.run(
        [programs + "/pg_isready", "-h", run], stdout=subprocess.DEVNULL).returncode == 0, "PostgreSQL does not start")
    return f"postgresql:///postgres?user=dramatis&host={run}"


def start_service(model, database, home):
    service = start(PROGRAM, "serve", "--port", "0", "--model", model, "--model-name", "scripted", "--database", database,
                    stdout=subprocess.PIPE, text=True, cwd=SOURCE, env={**os.environ, "XDG_DATA_HOME": str(home)})
    line = service.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
    assert found, line
    return service, int(found.group(1))


def start_nginx(folder, ports):
    port = free_port()
    conf = (SOURCE / "packaging/nginx/dramatis.conf").read_text().replace("listen 8080;", f"listen 127.0.0.1:{port};")
    (folder / "dramatis.conf").write_text(conf)
    (folder / "dramatis-upstream.conf").write_text(
        "".join(f"server 127.0.0.1:{one} max_fails=1 fail_timeout=2s;\n" for one in ports))
    user = "user nobody nogroup; " if os.geteuid() == 0 else ""
    temporary = "".join(f"{kind}_temp_path {folder}/{kind}; "
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {temporary} include {folder}/dramatis.conf; }}\n")
    os.chmod(folder, 0o711)
    start("nginx", "-p", folder, "-c", folder / "nginx.conf", stderr=subprocess.DEVNULL)
    wait_until(lambda: can_connect(port), "nginx does not start")
    return port


def ask(port, method, path, body=None, key=None, bearer=None, more=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    if bearer:
        headers["Authorization"] = "Bearer " + bearer
    headers.update(more or {})
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()


def say(port, npc, user, message, key):
    """Until it is acknowledged, always under the same key."""
    for _ in range(100):
        try:
            status, answer = ask(port, "POST", f"/v1/npcs/{npc}/chat", {"user_id": user, "message": message}, key)
        except (OSError, http.client.HTTPException, ValueError):
            status, answer = 0, None
        if status == 200:
            return answer
        assert status in (0, 409, 429, 502, 503, 504), (status, answer)
        time.sleep(0.05)
    raise AssertionError(f"never acknowledged: {message}")


def main(folder):
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not programs:
        skip("there is no PostgreSQL here")
    if subprocess.run(["which", "nginx"], stdout=subprocess.DEVNULL).returncode != 0:
        skip("there is no nginx here")
    (folder / "postgres").mkdir()
    (folder / "nginx").mkdir()
    os.chmod(folder, 0o711)
    database = start_postgres(folder / "postgres", programs[-1])
    start(sys.executable, SOURCE / "tests/end_to_end/scripted_server.py", folder / "port")
    wait_until((folder / "port").exists, "the scripted model does not start")
    model = f"http://127.0.0.1:{(folder / 'port').read_text()}/v1"
    services = [start_service(model, database, folder) for _ in range(3)]
    ports = [port for _, port in services]
    nginx = start_nginx(folder / "nginx", ports)

    npc_id = make_npc(nginx)
    users = []
    for n in range(PLAYERS):
        status, user = ask(ports[n % 3], "POST", "/v1/users", {"username": f"Player {n}"})
        assert status in (200, 201), (status, user)
        users.append(user["user_id"])

    wrong, acknowledged = [], [0] * PLAYERS

    def play(n):
        try:
            for k in range(TURNS):
                say(nginx, npc_id, users[n], f"player {n} turn {k}", f"key-{n}-{k}")
                acknowledged[n] = k + 1
        except Exception as error:  # told by the main thread
            wrong.append(f"player {n}: {error!r}")

    players = [threading.Thread(target=play, args=(n,)) for n in range(PLAYERS)]
    for player in players:
        player.start()
    wait_until(lambda: sum(acknowledged) >= PLAYERS, "no turn is acknowledged")
    services[0][0].send_signal(signal.SIGKILL)
    for player in players:
        player.join()
    assert not wrong, wrong

    for n in range(PLAYERS):
        for port in (ports[1], ports[2], nginx):
            status, history = ask(port, "GET", f"/v1/npcs/{npc_id}/history?user_id={users[n]}")
            assert status == 200, (status, history)
            text = json.dumps(history)
            for k in range(TURNS):
                said = text.count(f'"player {n} turn {k}"')
                assert said == 1, f"player {n} turn {k} is there {said} times"
            assert not re.search(r"player (?!%d )\d turn" % n, text), "another player's words"
    services[0], ports[0] = start_service(model, database, folder)
    check_news(ports, npc_id, users[0])
    check_limits(ports, npc_id, users)
    print(f"{PLAYERS * TURNS} turns of {PLAYERS} players on three services, one of them killed: all there, once")


def at_once(requests):
    """All of them, each on a thread; the statuses."""
    statuses = []
    threads = [threading.Thread(target=lambda one=one: statuses.append(ask(*one[0], **one[1])[0])) for one in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == len(requests), "a request got no answer"
    return statuses


def check_news(ports, npc, user):
    """What one server makes, any other tells of and can stop; what was made once is not made again."""
    made = [ask(port, "POST", "/v1/npcs", {"character_description": "You are Tom."}, key="once") for port in ports]
    assert len({json.dumps(answer) for _, answer in made}) == 1 and made[0][0] == 201, made
    status, later = ask(ports[0], "POST", f"/v1/npcs/{npc}/chat", {"user_id": user, "message": "slowly"},
                        more={"Prefer": "respond-async"})
    assert status == 202, (status, later)
    turn = f"/v1/turns/{later['turn_id']}"
    status, running = ask(ports[1], "GET", turn)
    assert status == 200 and running["done"] is False, (status, running)
    status, _ = ask(ports[2], "POST", turn + "/cancel")
    assert status == 204, status

    def has_ended():
        status, now = ask(ports[1], "GET", turn)
        assert status == 200, (status, now)
        return now["done"] and now["problem"]["code"] == "cancelled"
    wait_until(has_ended, "the turn is not cancelled by another server")
    _, later = ask(ports[0], "POST", f"/v1/npcs/{npc}/chat", {"user_id": user, "message": "briefly"},
                   more={"Prefer": "respond-async"})

    def is_told():
        status, now = ask(ports[1], "GET", f"/v1/turns/{later['turn_id']}")
        assert status == 200, (status, now)
        return now["done"] and "You said: briefly" in now["text"]
    wait_until(is_told, "another server does not tell the whole reply")


def make_key(port, owner, ports, **wish):
    """A key, known to all servers. Knowing costs one request each."""
    status, made = ask(port, "POST", "/v1/keys", wish, bearer=owner)
    assert status == 201, (status, made)
    for each in ports:
        wait_until(lambda: ask(each, "GET", "/v1/me", bearer=made["key"])[0] == 200, "a server does not know a key")
    return made["key"]


def within_one(unit, check):
    """Limits are of minutes and days: a check that met the end of one is made again."""
    while True:
        before = int(time.time()) // unit
        granted, right = check()
        if int(time.time()) // unit == before:
            assert granted == right, f"{granted} were granted, {right} are allowed"
            return


def check_limits(ports, npc, users):
    """A hundred requests at once to three servers: none passes a limit, and none is refused too soon."""
    status, first = ask(ports[0], "POST", "/v1/keys", {"role": "owner"})
    assert status == 201, (status, first)
    owner = first["key"]
    for port in ports:
        # Until a server has heard of the first key, it is open to everybody.
        wait_until(lambda: ask(port, "GET", "/v1/me")[0] == 401, "a server does not know that there is a key")

    def requests():
        key = make_key(ports[0], owner, ports, role="writer", quota={"requests_per_minute": 40})
        statuses = at_once([((ports[n % 3], "GET", "/v1/me"), {"bearer": key}) for n in range(100)])
        assert set(statuses) <= {200, 429}, statuses
        return statuses.count(200) + len(ports), 40

    def conversations():
        key = make_key(ports[1], owner, ports, role="writer", quota={"conversations_per_day": 7})
        statuses = at_once([((ports[n % 3], "POST", "/v1/conversations", {"npc_id": npc, "user_id": users[n % 2]}),
                             {"bearer": key}) for n in range(30)])
        assert set(statuses) <= {201, 429}, statuses
        return statuses.count(201), 7

    def tokens():
        key = make_key(ports[2], owner, ports, role="writer", quota={"tokens_per_day": 2000})
        last = 200
        for n in range(100):
            last, _ = ask(ports[n % 3], "POST", f"/v1/npcs/{npc}/chat",
                          {"user_id": users[0], "message": f"turn {n}"}, bearer=key)
            if last != 200:
                break
        assert last == 429, last
        return sum(ask(port, "POST", f"/v1/npcs/{npc}/chat", {"user_id": users[0], "message": "more"},
                       bearer=key)[0] == 200 for port in ports), 0

    within_one(60, requests)
    within_one(86400, conversations)
    within_one(86400, tokens)


def make_npc(port):
    """An NPC in plain words: no cast has to be there."""
    status, npc = ask(port, "POST", "/v1/npcs", {
        "world_description": "A ferry house by a weir.", "character_description": "You are Ida, who keeps the ferry."})
    assert status in (200, 201), (status, npc)
    return npc["npc_id"]


with tempfile.TemporaryDirectory() as scratch:
    try:
        main(pathlib.Path(scratch))
    finally:
        for process in reversed(started):
            if process.poll() is None:
                process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
