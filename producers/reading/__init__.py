"""What all file formats share: streams of elements, codes and times, outcomes of records."""
