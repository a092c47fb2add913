"""The smallest game server: answers each UDP packet with its own text."""
import signal
import socket
import sys

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", 7777))
print("listening on 7777/udp", flush=True)
while True:
    data, player = server.recvfrom(1500)
    server.sendto(data, player)
