"""The notebook's flow: two players, two NPCs, each pair with a memory of its own.

    python3 notebook.py [ADDRESS [KEY]]
"""
import sys

from dramatis_client import NPCFactory, NPCNotFoundError

WORLD = "A trading town on a northern river, some centuries ago. Barges, tolls, rain."
SMITH = ("You are Iva, the town's smith: broad, patient, proud of her hinges. You want the council to "
         "pay for the new bridge chain. You speak in short sentences.")
CLERK = ("You are Oswin, a toll clerk who counts everything twice. You want to be promoted, and you "
         "never say what you think of the mayor.")


def main():
    factory = NPCFactory(*sys.argv[1:])
    alice, bob = factory.register_user("Alice"), factory.register_user("Bob")
    iva = factory.register_npc(WORLD, SMITH, history_size=6)
    oswin = factory.register_npc(WORLD, CLERK, has_scratchpad=True)

    print("Iva to Alice:", factory.chat_with_npc(iva, alice, "Good day! Can you mend a lock?"))
    print("Iva to Bob:", factory.chat_with_npc(iva, bob, "What does a chain cost?"))
    print("Oswin to Alice: ", end="")
    with factory.stream_chat(oswin, alice, "What is the toll for one barge?") as words:
        for word in words:
            print(word, end="", flush=True)
    print()

    for line in factory.get_npc_chat_history(iva, alice):
        print("%s: %s" % (line["role"], line["content"]))
    try:
        factory.chat_with_npc("npc_0000000000000000", alice, "Anybody?")
    except NPCNotFoundError as error:
        print(error)


if __name__ == "__main__":
    main()
