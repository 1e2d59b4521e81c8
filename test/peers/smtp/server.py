"""A real SMTP server: python server.py CERTIFICATE KEY. Says its two ports, then each mail, as JSON lines."""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Mails:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        login = session.auth_data.login.decode() if session.auth_data else None
        mail = {
            "to": envelope.rcpt_tos,
            "text": envelope.content.decode("ascii"),
            "login": login,
            "encrypted": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
        }
        print(json.dumps(mail), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"ada" and data.password == b"pass:word", auth_data=data, handled=False)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    common = {"authenticator": authenticate, "auth_required": True}
    loop = asyncio.get_running_loop()
    starttls = await loop.create_server(
        lambda: SMTP(Mails(), tls_context=context, require_starttls=True, **common), "127.0.0.1", 0
    )
    smtps = await loop.create_server(
        lambda: SMTP(Mails(), auth_require_tls=False, **common), "127.0.0.1", 0, ssl=context
    )
    print(json.dumps({"ports": [each.sockets[0].getsockname()[1] for each in (starttls, smtps)]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
