"""A real nginx in front of a server, as a child process with a folder of its own."""

import datetime
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.live import ROOT, WAIT_S, free_port, wait_until

HOST = "localhost"
SOCKETS = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $upgraded;"


class Nginx:
    """Serves on an odd port of its own until `stop`. `url` is what people type."""

    def __init__(self, configuration: str, port: int, *, is_tls: bool = False) -> None:
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        assert program, "nginx is missing: sudo apt install nginx-light"
        self.folder = Path(tempfile.mkdtemp(prefix="micconnect-nginx-"))
        if is_tls:
            _make_certificate(self.folder)
        temporary = "".join(
            f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {self.folder}/pid; error_log stderr warn;\n"
            "events { worker_connections 512; }\n"
            f"http {{ access_log off; {temporary}\n"
            "map $http_upgrade $upgraded { default upgrade; '' close; }\n"
            f"{configuration}\n}}\n"
        )
        self.port = port
        self.url = f"http{'s' if is_tls else ''}://{HOST}:{port}"
        self.log = (self.folder / "log").open("wb")
        command = [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        wait_until(self._answers, "nginx")

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "site.pem"))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(WAIT_S)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0


def plain(upstream: int, headers: str, *, location: str = "/", target: str = "", is_tls: bool = False) -> Nginx:
    """One `location` as people write it: `headers` are its `proxy_set_header`s, `target` the path of proxy_pass."""
    port = free_port()
    tls = " ssl; ssl_certificate site.pem; ssl_certificate_key site.key" if is_tls else ""
    return Nginx(
        f"server {{ listen 127.0.0.1:{port}{tls}; client_max_body_size 4m;\n"
        f"location {location} {{ proxy_pass http://127.0.0.1:{upstream}{target}; {SOCKETS} {headers} }} }}",
        port,
        is_tls=is_tls,
    )


def ready(upstream: int) -> Nginx:
    """The file that deploy/nginx has for people, with its name, certificate and ports changed."""
    port = free_port()
    text = (ROOT / "deploy/nginx/micconnect.conf").read_text()
    for theirs, ours in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "server_name live.example.org": f"server_name {HOST}",
        "/etc/ssl/live.example.org": "site",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
    }.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    return Nginx(text, port, is_tls=True)


def _make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "site.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (folder / "site.key").write_bytes(pem)
