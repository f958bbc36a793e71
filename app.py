"""The app: `streamlit run app.py`. The server imports this file once; as a script it runs anew for each visit."""

import streamlit as st

if __name__ == "__main__":
    from cae.ui import navigation

    navigation.show()
else:
    from cae.ui import server

    app = st.App(
        __file__,
        routes=server.routes(),
        middleware=server.middleware(),
        exception_handlers=server.EXCEPTION_HANDLERS,
        lifespan=server.lifespan,
    )
