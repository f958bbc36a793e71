"""Everything Streamlit: pages, components, charts, controls, jobs."""
